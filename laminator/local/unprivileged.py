"""Where and as whom PostgreSQL runs: it refuses to be root, which CI and containers are."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from laminator.local.child import LAUNCHER
from laminator.local.errors import CannotStart

NAMESPACE = "namespace"
SAME = "same"


@dataclass(frozen=True, slots=True)
class Place:
    """An identity for the launcher, the programs' folder and the data's parent folder."""

    identity: str
    programs: Path
    folder: Path


def choose_place(*, programs: Path, folder: Path, keep: bool) -> Place:
    """Choose how the server may run: in place if at all possible, else in the temporary area.

    `programs` is PostgreSQL's bin folder, `folder` (made if missing) takes its data; `keep` says
    that the data must outlive a restart of the machine.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() != 0:
        return Place(SAME, programs, folder)
    user = _unprivileged_user()
    own = f"{user.pw_uid}:{user.pw_gid}"
    if folder.stat().st_uid == user.pw_uid and _may_use(own, programs, folder):
        return Place(own, programs, folder)  # as it was made before: goes on
    if folder.stat().st_uid == 0 and _may_use(NAMESPACE, programs, folder):
        # Without a mapping the process is nobody to itself and still owns its files.
        return Place(NAMESPACE, programs, folder)
    if _may_enter(own, programs, folder.parent) and not any(folder.iterdir()):
        os.chown(folder, user.pw_uid, user.pw_gid)
        if _may_use(own, programs, folder):
            return Place(own, programs, folder)
    return _place_in_temporary_area(programs=programs, folder=folder, user=user, keep=keep)


def _place_in_temporary_area(
    *, programs: Path, folder: Path, user: pwd.struct_passwd, keep: bool
) -> Place:
    """Copy the programs, and keep the data, where an unprivileged user can get at them."""
    own = f"{user.pw_uid}:{user.pw_gid}"
    lasting = Path("/var/tmp")  # noqa: S108 - survives a restart; made safely by _own_folder
    area = lasting if keep and lasting.is_dir() else Path(tempfile.gettempdir())
    copied = _own_folder(area / f"laminator-postgresql-{_mark(programs)}")
    if not (copied / "complete").exists():
        shutil.copytree(programs.parent, copied, symlinks=True, dirs_exist_ok=True)
        (copied / "complete").touch()
    data = _own_folder(area / f"laminator-data-{_mark(folder)}") / "postgres"
    data.mkdir(exist_ok=True, mode=0o700)
    os.chown(data, user.pw_uid, user.pw_gid)
    if not _may_use(own, copied / programs.name, data):
        raise CannotStart(
            f"PostgreSQL may not run as root, and user {user.pw_name} cannot run it in {area}",
            remedy="Run this as an ordinary user, or set DATABASE_URL to a server of yours.",
        )
    return Place(own, copied / programs.name, data)


def _mark(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]


def _own_folder(path: Path) -> Path:
    """Make a folder that others may pass through; refuse one that somebody else laid there."""
    path.mkdir(exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise CannotStart(f"{path} belongs to somebody else", remedy=f"Remove {path}.")
    path.chmod(0o711)
    return path


def _unprivileged_user() -> pwd.struct_passwd:
    for name in ("nobody", "daemon"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if user.pw_uid != 0:
            return user
    raise CannotStart(
        "PostgreSQL may not run as root, and this machine has no user nobody",
        remedy="Run this as an ordinary user, or set DATABASE_URL to a server of yours.",
    )


def _may_use(identity: str, programs: Path, folder: Path) -> bool:
    return _passes(identity, f'test -r "{programs}/initdb" && test -w "{folder}"', programs)


def _may_enter(identity: str, programs: Path, folder: Path) -> bool:
    return _passes(identity, f'test -x "{folder}"', programs)


def _passes(identity: str, condition: str, programs: Path) -> bool:
    """Try a condition and the program itself under an identity (a noexec mount fails here)."""
    script = f'{condition} && exec "{programs}/postgres" --version'
    answer = subprocess.run(
        [
            *(sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), "9", identity),
            *("--", "/bin/sh", "-c", script),
        ],
        capture_output=True,
        check=False,
    )
    return answer.returncode == 0
