"""Become a program that dies with its supervisor and, for PostgreSQL, is not root.

Run as a script (`python -I -S launch.py PARENT SIGNAL IDENTITY -- program arguments`), never
imported: a fresh process may change its identity whatever threads its parent has, and the
supervisor itself keeps its rights.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def take_identity(identity: str) -> None:
    """Give up root: `same`, `namespace` (a user namespace of its own) or `uid:gid`."""
    if identity == "same":
        return
    if identity == "namespace":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWUSER) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"unshare: {os.strerror(number)}")
        return
    uid, gid = (int(part) for part in identity.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with_parent(*, parent: int, signal_number: int) -> None:
    """Ask the kernel for a signal when the parent is gone (Linux; elsewhere start cleans up)."""
    if not sys.platform.startswith("linux"):
        return
    # After the change of identity, which clears it.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # gone before we asked
        sys.exit(1)


def main() -> None:
    parent, signal_number, identity, separator, *command = sys.argv[1:]
    if separator != "--" or not command:
        sys.exit("usage: launch.py PARENT SIGNAL IDENTITY -- program arguments")
    try:
        take_identity(identity)
        die_with_parent(parent=int(parent), signal_number=int(signal_number))
        os.execv(command[0], command)  # noqa: S606
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error}")


main()
