"""`python -m benchmarks`: run them, print each against its bound, and say what was missed.

Needs the servers that `make bench` starts. A small run: ARGS="--only decoder --rows 50".
"""

import argparse
import importlib
import os
import sys
import time
from collections.abc import Sequence

from benchmarks.measuring import Finding, Size
from benchmarks.results import RESULTS, as_table, write_results

# Each is a module with `measure(size) -> list[Finding]`; the quick ones come first.
BENCHMARKS = (
    "decoder", "processes", "confirm_to_broadcast", "bot", "balances", "sweep", "reconcile",
    "isolation", "rest", "incoming", "positions",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 1 if a bound was missed, unless a smaller size was asked for."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
    size = Size(rows=options.rows, rounds=options.rounds)
    found: dict[str, list[Finding]] = {}
    for name in options.only or BENCHMARKS:
        began = time.monotonic()
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{name}: {module.__doc__}", flush=True)
        found[name] = module.measure(size)
        print(as_table(found[name]), f"  ({time.monotonic() - began:.0f} s)", sep="\n", flush=True)
    if options.write:
        write_results(found, command=["python -m benchmarks", *(arguments or sys.argv[1:])])
        print(f"\nWritten to {RESULTS}.")
    missed = [finding.what for each in found.values() for finding in each if finding.ok is False]
    if missed:
        print("\nMissed:", *missed, sep="\n  ")
    return 1 if missed and not (size.rows or size.rounds) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=BENCHMARKS, metavar="NAME",
        help=f"one benchmark, may be repeated: {', '.join(BENCHMARKS)}",
    )  # fmt: skip
    parser.add_argument("--rows", type=int, default=0, help="rows or acts (default: full size)")
    parser.add_argument("--rounds", type=int, default=0, help="rounds of which the median counts")
    parser.add_argument("--write", action="store_true", help="write down what was found")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
