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
PREFIX = "laminator-"
# In the folder where the data would be, once they had to be kept in the temporary area.
MOVED = "data-is-elsewhere"


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
    if (folder / MOVED).exists():
        return _place_in_temporary_area(programs=programs, folder=folder, user=user, keep=keep)
    status = folder.stat()
    if status.st_uid != 0:
        identity = f"{status.st_uid}:{status.st_gid}"  # whose data it is already
    elif _may_use(NAMESPACE, programs, folder):
        # Without a mapping the process is nobody to itself and still owns root's files.
        return Place(NAMESPACE, programs, folder)
    else:
        identity = f"{user.pw_uid}:{user.pw_gid}"
        if _passes(identity, f'test -x "{folder.parent}"'):
            _give_away(folder, user)
    if _may_use(identity, programs, folder):
        return Place(identity, programs, folder)
    if any(folder.iterdir()):
        raise CannotStart(
            f"PostgreSQL may not run as root, and nobody else can use {folder}",
            remedy="Run this as the user who did before.",
        )
    return _place_in_temporary_area(programs=programs, folder=folder, user=user, keep=keep)


def _give_away(folder: Path, user: pwd.struct_passwd) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _place_in_temporary_area(
    *, programs: Path, folder: Path, user: pwd.struct_passwd, keep: bool
) -> Place:
    """Copy the programs, and keep the data, where an unprivileged user can get at them."""
    own = f"{user.pw_uid}:{user.pw_gid}"
    lasting, passing = Path("/var/tmp"), Path("/tmp")  # noqa: S108 - made safely by _own_folder
    areas = [Path(tempfile.gettempdir()), passing, lasting]
    for area in dict.fromkeys([lasting, *areas] if keep else areas):
        if not area.is_dir() or not _passes(own, f'test -x "{area}"'):
            continue
        copied = _copy_of_programs(
            programs, _own_folder(area / f"{PREFIX}programs-{_mark(programs)}")
        )
        data = _own_folder(area / f"{PREFIX}data-{_mark(folder)}") / "postgres"
        data.mkdir(exist_ok=True, mode=0o700)
        os.chown(data, user.pw_uid, user.pw_gid)
        if _may_use(own, copied, data):
            if keep:
                (folder / MOVED).write_text(f"{data}\n")
            return Place(own, copied, data)
    raise CannotStart(
        f"PostgreSQL may not run as root, and user {user.pw_name} cannot run it in "
        + ", ".join(map(str, areas)),
        remedy="Run this as an ordinary user, or set DATABASE_URL to a server of yours.",
    )


def _copy_of_programs(programs: Path, home: Path) -> Path:
    """Copy the programs with the libraries that they look for beside their package."""
    packages = programs.parents[2]
    complete = home / "complete"
    if not complete.exists():
        package = programs.parents[1].name
        for part in (
            programs.parent.relative_to(packages),
            f"{package}.libs",
            f"{package}/.dylibs",
        ):
            if (packages / part).exists():
                shutil.copytree(packages / part, home / part, symlinks=True, dirs_exist_ok=True)
        complete.touch()
    return home / programs.relative_to(packages)


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
    """Try the programs themselves: a mount without execution rights fails here."""
    return _passes(
        identity,
        f'test -w "{folder}" && "{programs}/postgres" --version && "{programs}/initdb" --version',
    )


def _passes(identity: str, condition: str) -> bool:
    answer = subprocess.run(
        [
            *(sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), "9", identity),
            *("--", "/bin/sh", "-c", condition),
        ],
        capture_output=True,
        check=False,
    )
    return answer.returncode == 0
