"""Start, look at and end child processes, each in a process group of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

LAUNCHER = Path(__file__).with_name("launch.py")


def start_child(
    command: Sequence[str],
    *,
    output: IO[bytes] | int,
    environment: Mapping[str, str] | None = None,
    identity: str = "same",
    death_signal: signal.Signals = signal.SIGTERM,
    folder: Path | None = None,
    standard_input: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a program that gets `death_signal` when this process dies, however it dies.

    Call it from the main thread: the kernel takes the end of the starting thread for the
    parent's death.
    """
    return subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", str(LAUNCHER)),
            *(str(os.getpid()), str(int(death_signal)), identity, "--"),
            *command,
        ],
        stdin=standard_input,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(environment) if environment is not None else None,
        cwd=folder,
        start_new_session=True,
    )


def stop_child(
    child: subprocess.Popen[bytes],
    *,
    signals: Sequence[signal.Signals] = (signal.SIGTERM,),
    patience_seconds: float = 10,
) -> None:
    """End a child: each signal in turn with `patience_seconds` to obey, then SIGKILL.

    What the child left in its process group is killed as well.
    """
    for number in signals:
        if child.poll() is not None:
            break
        child.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience_seconds)
    kill_group(child.pid)
    child.wait()


def kill_group(group: int) -> None:
    """Kill whatever still lives in a process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Say whether a process with this id exists (a zombie counts as gone)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    state = _proc_stat(pid)
    return state is None or state[0] != "Z"


def started_at(pid: int) -> str:
    """Return a mark that tells this process from a later one with the same id, or ''."""
    if (state := _proc_stat(pid)) is not None:
        return state[19]
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def wait_until_gone(pid: int, *, patience_seconds: float) -> bool:
    """Wait for the end of a process that is not our child; say whether it ended."""
    deadline = time.monotonic() + patience_seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _proc_stat(pid: int) -> list[str] | None:
    """Return /proc/PID/stat from the state field on, where there is a /proc."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()
