"""What was found, as a table on the screen and as a page."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measuring import Finding

RESULTS = Path(__file__).with_name("RESULTS.md")
_COLUMNS = ("what", "measured", "against", "ratio", "wanted", "")
_LIBRARIES = ("django", "psycopg", "celery", "aiogram", "granian", "redis", "httpx", "driftpy")
_INTRODUCTION = """# Benchmarks: the last full run

Each figure stands beside its bound (the raw statement, the bare framework) or a peer, measured by
turns in the same run: read the ratios; the times themselves belong to the machine and its noise.
`make bench ARGS=--write` makes this page anew.
"""


def as_table(findings: Sequence[Finding]) -> str:
    """Columns of text, for a terminal."""
    rows = [_COLUMNS, *map(_row, findings)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(f"  {line.rstrip()}" for line in lines)


def write_results(found: Mapping[str, Sequence[Finding]], *, command: Sequence[str]) -> None:
    """Write the page: machine, date, command, versions, and a table a benchmark."""
    parts = [_INTRODUCTION, _circumstances(command)]
    for name, findings in found.items():
        rows = [_COLUMNS, ("---",) * len(_COLUMNS), *map(_row, findings)]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        parts.append(f"## {name}\n\n{table}\n")
    RESULTS.write_text("\n".join(parts))


def _row(finding: Finding) -> tuple[str, ...]:
    ratio = "" if finding.ratio is None else f"{finding.ratio:.2f}"
    return (
        finding.what, finding.measured, finding.against, ratio, finding.wanted, finding.verdict,
    )  # fmt: skip


def _circumstances(command: Sequence[str]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    lines = (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, `{' '.join(command)}`",
        f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()}",
        f"Python {platform.python_version()}, {versions}",
    )
    return "\n".join(f"- {line}" for line in lines) + "\n"


def _processor() -> str:
    """The processor's own name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") if "SC_PHYS_PAGES" in os.sysconf_names else 0
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"
