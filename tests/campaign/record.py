"""What a campaign has played, kept in a folder: a line of JSON a run, and the closing table."""

import contextlib
import json
from pathlib import Path

from tests.campaign.story import Run, Step


class Record:
    """The file of runs; one campaign may be played in several stretches."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._runs = folder / "runs.jsonl"

    def begin(self) -> None:
        """A new campaign: what an earlier one left is put aside, under its own name."""
        if self._runs.exists():
            self._runs.replace(self.folder / "runs.before.jsonl")

    def add(self, line: str) -> Run:
        """One run, as its desk tells it; it is kept at once."""
        # A line that was cut off is ended, so that this one stands alone.
        is_cut = self._runs.exists() and not self._runs.read_bytes().endswith(b"\n")
        with self._runs.open("a") as file:
            file.write("\n" * is_cut + line.rstrip() + "\n")
        return _run_of(line)

    def runs(self) -> list[Run]:
        """All that were played, by their seeds; one that was cut off while it was kept is none."""
        if not self._runs.exists():
            return []
        found = []
        for line in self._runs.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(_run_of(line))
        return sorted(found, key=lambda run: run.seed)

    def close(self, table: str) -> str:
        """Keep the table beside them."""
        (self.folder / "table.txt").write_text(table + "\n")
        return table


def _run_of(line: str) -> Run:
    told = json.loads(line)
    return Run(**told | {"steps": [Step(**step) for step in told["steps"]]})
