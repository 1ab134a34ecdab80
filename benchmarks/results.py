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
_INTRODUCTION = """# Benchmarks: the last run of each

Each figure stands beside its bound (the raw statement, the bare framework) or a peer, measured by
turns in the same run: read the ratios; the times themselves belong to the machine and its noise.
`make bench ARGS=--write` makes this page anew, with `--only NAME` that part of it.
"""
_HEADING = "## "


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
    """Write the page: machine, versions, and for each benchmark its date, command and table.

    Parts that were not measured now stay as they are.
    """
    parts = _parts(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, findings in found.items():
        rows = [_COLUMNS, ("---",) * len(_COLUMNS), *map(_row, findings)]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        parts[name] = f"{at}, `{' '.join(command)}`\n\n{table}\n"
    sections = [f"{_HEADING}{name}\n\n{text}" for name, text in parts.items()]
    RESULTS.write_text("\n".join([_INTRODUCTION, _machine(), *sections]))


def _parts(page: str) -> dict[str, str]:
    """The texts of a page's parts, by their headings."""
    named = (part.partition("\n") for part in page.split(f"\n{_HEADING}")[1:])
    return {name: text.strip("\n") + "\n" for name, _, text in named}


def _row(finding: Finding) -> tuple[str, ...]:
    ratio = "" if finding.ratio is None else f"{finding.ratio:.2f}"
    return (
        finding.what, finding.measured, finding.against, ratio, finding.wanted, finding.verdict,
    )  # fmt: skip


def _machine() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    lines = (
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
