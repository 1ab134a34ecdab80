"""The folder of a local desk: one supervisor at a time, and a record of what it started."""

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laminator.local.child import is_alive, kill_group, started_at, wait_until_gone
from laminator.local.errors import CannotStart

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class VarFolder:
    """Where things are under `path`."""

    path: Path

    @property
    def logs(self) -> Path:
        return self.path / "log"

    @property
    def metrics(self) -> Path:
        """Where the processes of one run count, for the web process to add up."""
        return self.path / "run" / "metrics"

    @property
    def secrets_file(self) -> Path:
        return self.path / "secrets.json"

    @property
    def state_file(self) -> Path:
        """What the running desk says of itself; secrets in it, so 0600."""
        return self.path / "run" / "desk.json"

    @property
    def _children_file(self) -> Path:
        return self.path / "run" / "children.json"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for one supervisor; the kernel lets go of it however that one ends.

        Raises CannotStart with the address of the desk that holds it already.
        """
        for folder in (self.path, self.logs, self.state_file.parent, self.metrics):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise self._not_ours(error.strerror) from None
            if not os.access(folder, os.W_OK | os.X_OK):
                raise self._not_ours("it belongs to another user")
        for file in (self.secrets_file, self._children_file, self.state_file):
            if file.exists() and not os.access(file, os.R_OK):
                # A run by another user, perhaps root, has left files of its own.
                raise self._not_ours(f"{file.relative_to(self.path)} belongs to another user")
        with (self.path / "run" / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._already_running() from None
            for counts in self.metrics.glob("*.db"):
                counts.unlink(missing_ok=True)  # of the last run's processes
            try:
                yield
            finally:
                self.state_file.unlink(missing_ok=True)

    def write_state(self, state: dict[str, Any]) -> None:
        """Say where the desk is, for a second start and for the demo."""
        write_private(self.state_file, json.dumps(state, indent=1))

    def read_state(self) -> dict[str, Any] | None:
        """Return what the running desk says of itself; None when there is none."""
        try:
            state: dict[str, Any] = json.loads(self.state_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        except PermissionError:
            raise self._not_ours("the desk that runs in it is another user's") from None
        return state if is_alive(state["pid"]) and started_at(state["pid"]) == state["at"] else None

    def record_children(self, pids: dict[str, int]) -> None:
        """Write down what runs, for the next start to clean up if this one is killed."""
        children = [{"name": name, "pid": pid, "at": started_at(pid)} for name, pid in pids.items()]
        write_private(
            self._children_file, json.dumps({"boot": _boot(), "children": children}, indent=1)
        )

    def end_leftovers(self) -> list[str]:
        """End what a killed supervisor left running; return the names."""
        try:
            record = json.loads(self._children_file.read_text())
        except (FileNotFoundError, ValueError):
            return []
        if record["boot"] != _boot():
            return []  # the machine was restarted: these numbers are others' now
        ended = []
        for child in record["children"]:
            pid = child["pid"]
            if is_alive(pid) and started_at(pid) == child["at"]:
                ended.append(child["name"])
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT if child["name"] == "postgres" else signal.SIGTERM)
                wait_until_gone(pid, patience_seconds=10)
                kill_group(pid)
            elif not is_alive(pid):
                # Its own children may live on in its group, whose number nobody can have taken.
                kill_group(pid)
        self._children_file.unlink()
        return ended

    def _not_ours(self, reason: str | None) -> CannotStart:
        return CannotStart(
            f"{self.path} cannot be used: {reason}",
            remedy="Run this as that user, or choose another folder: VAR_DIR=… make run",
        )

    def _already_running(self) -> CannotStart:
        state = self.read_state()
        if state is None:
            return CannotStart(f"a desk is just starting or stopping in {self.path}")
        return CannotStart(
            f"the desk is already running (process {state['pid']}): {state['addresses']['desk']}",
            remedy=f"Stop it with Ctrl-C where it runs, or with: kill {state['pid']}",
        )


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner can read."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    new.replace(path)


def _boot() -> str:
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""
