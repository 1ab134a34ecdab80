"""Keeps processes running: starts them, passes on what they say, restarts them, stops them."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from laminator.local.child import kill_group, start_child
from laminator.local.output import Output

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 30.0  # after this long a crash counts as the first one again
BAD_SETTINGS = 78


@dataclass
class Supervised:
    """One process: how it is started, and how it fares."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    restart: bool = True
    on_line: Callable[[bytes], bool] | None = None  # True: taken, neither shown nor kept
    standard_input: int = subprocess.DEVNULL
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    code: int | None = None
    crashes: int = 0
    started: float = 0.0
    restart_at: float | None = None
    unfinished: bytes = b""


class Stopped(Exception):
    """Somebody asked for the end (Ctrl-C, SIGTERM, SIGHUP)."""


class Supervisor:
    """Runs in the main thread alone; `pump` is its whole loop."""

    def __init__(
        self,
        *,
        output: Output,
        folder: Path,
        on_change: Callable[[dict[str, int]], object] = dict,
    ) -> None:
        self._output = output
        self._folder = folder
        self._on_change = on_change
        self._selector = selectors.DefaultSelector()
        self._all: dict[str, Supervised] = {}
        self._stop_signals = 0
        # Until then a process that ends ends everything; afterwards it is started again.
        self.settled = True
        self.fatal: str | None = None
        self.fatal_process: str | None = None

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Turn signals into events of the loop while the block runs."""
        wakeup, waker = socket.socketpair()
        wakeup.setblocking(False)
        waker.setblocking(False)
        self._selector.register(wakeup, selectors.EVENT_READ, None)
        before = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        handlers = {
            signal.SIGINT: self._ask_to_stop,
            signal.SIGTERM: self._ask_to_stop,
            signal.SIGHUP: self._ask_to_stop,
            signal.SIGCHLD: lambda *_: None,  # wakes the loop
        }
        old = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before)
            self._selector.unregister(wakeup)
            wakeup.close()
            waker.close()

    def start(self, process: Supervised) -> None:
        """Start a process and keep it running from now on."""
        self._all[process.name] = process
        self._spawn(process)

    def pump(self, *, seconds: float = 0.1) -> None:
        """Pass on what was said, look after the dead; return after this long at the latest.

        Raises Stopped when a signal asked for the end.
        """
        self._read(seconds)
        for process in self._all.values():
            self._look_after(process)
        if self._stop_signals:
            raise Stopped

    def pump_until(self, done: Callable[[], bool], *, seconds: float) -> bool:
        """Pump until `done()`, something fatal, or the time is over; say whether it is done."""
        deadline = time.monotonic() + seconds
        while not (finished := done()) and self.fatal is None and time.monotonic() < deadline:
            self.pump(seconds=0.02)
        return finished

    def stop(self, *, waves: Sequence[Sequence[str]], patience_seconds: float = 10) -> None:
        """End all processes, one wave after the other; a second signal ends the patience."""
        for process in self._all.values():
            process.restart_at = None
            process.restart = False
        known = {name for wave in waves for name in wave}
        others = [name for name in self._all if name not in known]
        for wave in (others, *waves):
            self._stop_wave(
                [self._all[name] for name in wave if name in self._all], patience_seconds
            )
        self.record()

    def is_running(self, name: str) -> bool:
        process = self._all.get(name)
        return process is not None and process.child is not None

    def _stop_wave(self, wave: Sequence[Supervised], patience_seconds: float) -> None:
        signals_before = self._stop_signals
        for process in wave:
            if process.child is not None:
                process.child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + patience_seconds
        while any(process.child is not None for process in wave):
            self._read(0.05)
            for process in wave:
                self._look_after(process)
            if time.monotonic() > deadline or self._stop_signals > max(1, signals_before):
                for process in wave:
                    if process.child is not None:
                        kill_group(process.child.pid)
                deadline = float("inf")

    def _ask_to_stop(self, *_: object) -> None:
        self._stop_signals += 1

    def _spawn(self, process: Supervised) -> None:
        process.restart_at, process.code, process.unfinished = None, None, b""
        process.started = time.monotonic()
        process.child = start_child(
            process.command,
            output=subprocess.PIPE,
            environment=process.environment,
            folder=self._folder,
            standard_input=process.standard_input,
        )
        assert process.child.stdout is not None
        os.set_blocking(process.child.stdout.fileno(), False)
        self._selector.register(process.child.stdout, selectors.EVENT_READ, process)
        self.record()

    def _read(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    key.fileobj.recv(4096)  # type: ignore[union-attr]
            else:
                self._take(key.data)

    def _take(self, process: Supervised) -> bool:
        """Take what a process has said; False at the end of its output."""
        child = process.child
        if child is None or child.stdout is None or child.stdout.closed:
            return False
        try:
            part = os.read(child.stdout.fileno(), 65536)
        except BlockingIOError:
            return False
        if not part:
            self._selector.unregister(child.stdout)
            child.stdout.close()
        *lines, process.unfinished = (process.unfinished + part).split(b"\n")
        if not part and process.unfinished:
            lines.append(process.unfinished)
        for line in lines:
            if process.on_line is None or not process.on_line(line):
                self._output.line(process.name, line)
        return bool(part)

    def _look_after(self, process: Supervised) -> None:
        if process.child is not None and process.child.poll() is not None:
            self._bury(process)
        if process.restart_at is not None and time.monotonic() >= process.restart_at:
            self._spawn(process)

    def _bury(self, process: Supervised) -> None:
        child = process.child
        assert child is not None
        kill_group(child.pid)  # its own children must not outlive it
        while self._take(process):
            pass
        if child.stdout is not None and not child.stdout.closed:
            self._selector.unregister(child.stdout)
            child.stdout.close()
        process.child, process.code = None, child.returncode
        self.record()
        if not process.restart:
            return
        if process.code == BAD_SETTINGS or not self.settled:
            bad_settings = process.code == BAD_SETTINGS
            self.fatal_process = process.name
            self.fatal = f"{process.name} " + (
                "cannot use its settings"
                if bad_settings
                else f"ended with {describe_code(process.code)}"
            )
            return
        if time.monotonic() - process.started > STEADY_SECONDS:
            process.crashes = 0
        pause = min(FIRST_PAUSE_SECONDS * 2**process.crashes, LONGEST_PAUSE_SECONDS)
        process.crashes += 1
        process.restart_at = time.monotonic() + pause
        self._output.say(
            f"{process.name} ended with {describe_code(process.code)}; again in {pause:g} s"
        )

    def record(self) -> None:
        """Report what runs now."""
        self._on_change(
            {name: each.child.pid for name, each in self._all.items() if each.child is not None}
        )


def describe_code(code: int | None) -> str:
    """Return an exit code in words."""
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"code {code}"
