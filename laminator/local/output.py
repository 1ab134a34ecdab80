"""What the processes say: to the terminal with their name before it, and to a log each."""

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

COLOURS = (36, 32, 33, 35, 34, 31, 96, 92)
LOG_BYTES = 20_000_000


class Output:
    """Lines from many processes to one terminal and many files."""

    def __init__(self, *, folder: Path, names: tuple[str, ...], terminal: IO[str] | None = None):
        self._folder = folder
        self._terminal = terminal or sys.stdout
        self._width = max(map(len, names), default=0)
        self._coloured = self._terminal.isatty() and "NO_COLOR" not in os.environ
        self._colour = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(names)}
        self._files: dict[str, IO[bytes]] = {}

    def line(self, name: str, line: bytes) -> None:
        """Show and keep one line of a process."""
        self._file(name).write(line + b"\n")
        self._file(name).flush()
        label = f"{name:<{self._width}} |"
        if self._coloured:
            label = f"\x1b[{self._colour.get(name, 37)}m{label}\x1b[0m"
        self.say(f"{label} {line.decode(errors='replace')}")

    def say(self, text: str) -> None:
        """Show something of our own; a terminal that is gone must not stop the desk."""
        with contextlib.suppress(OSError, ValueError):
            print(text, file=self._terminal, flush=True)

    def last_lines(self, name: str, *, count: int = 12) -> str:
        """Return the end of a process's log."""
        with contextlib.suppress(OSError):
            lines = self._path(name).read_text(errors="replace").splitlines()[-count:]
            return "\n".join(f"  {line}" for line in lines)
        return ""

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _file(self, name: str) -> IO[bytes]:
        file = self._files.get(name)
        if file is not None and file.tell() > LOG_BYTES:
            file.close()
            file = None
        if file is None:
            path = self._path(name)
            if path.exists() and path.stat().st_size > LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))
            file = self._files[name] = path.open("ab")
        return file
