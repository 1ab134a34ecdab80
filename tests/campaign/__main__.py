"""`python -m tests.campaign`: seeded runs in which every act meets crashes and faults.

Each desk has servers of its own. A failed run is repeated by its seed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.campaign.story import Run, Step
from tests.campaign.table import as_table

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Return 1 if a run failed."""
    options = _parser().parse_args()
    first = options.seed if options.seed is not None else 1
    seeds = range(first, first + (options.runs or (1 if options.seed is not None else 100)))
    if options.share is not None:
        return _work(seeds, options)
    return _lead(seeds, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--runs", type=int, help="how many (default: 100, or 1 with --seed)")
    parser.add_argument("--seed", type=int, help="the first run's seed (default: 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="desks at once")
    parser.add_argument("--minutes", type=float, default=0, help="start no run after so long")
    parser.add_argument("--share", type=int, help=argparse.SUPPRESS)
    return parser


def _lead(seeds: range, options: argparse.Namespace) -> int:
    """Share the seeds among desks of their own, and gather what they found."""
    began = time.monotonic()
    jobs = min(options.jobs, len(seeds))
    log = Path(tempfile.gettempdir()) / f"campaign-{os.getpid()}.log"
    children = [
        subprocess.Popen(
            [
                sys.executable, "-m", "tests.campaign", "--share", str(share),
                "--jobs", str(jobs), "--seed", str(seeds.start), "--runs", str(len(seeds)),
                "--minutes", str(options.minutes),
            ],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=log.open("a"), text=True,
        )
        for share in range(jobs)
    ]  # fmt: skip
    runs = []
    for line in _lines(children):
        run = _run_of(json.loads(line))
        runs.append(run)
        verdict = f"FAILED {run.wrong}" if run.wrong else "held"
        print(f"{len(runs):5} seed {run.seed}: {run.seconds:.1f} s, {verdict}", flush=True)
    codes = [child.wait() for child in children]
    runs.sort(key=lambda run: run.seed)
    print(as_table(runs))
    print(f"{time.monotonic() - began:.0f} s in all; the desk's own log: {log}")
    return 1 if any(codes) or any(run.wrong for run in runs) else 0


def _lines(children: "list[subprocess.Popen[str]]") -> Iterator[str]:
    import selectors

    with selectors.DefaultSelector() as selector:
        for child in children:
            selector.register(child.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
        while selector.get_map():
            for key, _ in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]
                if not line:
                    selector.unregister(key.fileobj)
                elif line.startswith("{"):
                    yield line


def _run_of(told: dict[str, Any]) -> Run:
    return Run(**told | {"steps": [Step(**step) for step in told["steps"]]})


def _work(seeds: range, options: argparse.Namespace) -> int:
    """One desk: every `jobs`-th run, each told as a line of JSON."""
    from tests.campaign.house import own_house, own_servers

    # Ended by whoever waits no more, it takes its servers with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with own_servers() as servers:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
        import django

        django.setup()
        from tests.campaign.runs import Player

        until = time.monotonic() + options.minutes * 60 if options.minutes else None
        with own_house(servers) as house:
            for seed in seeds[options.share :: options.jobs]:
                if until is not None and time.monotonic() > until:
                    break
                run = Player(seed=seed, house=house).play()
                answers.write(json.dumps(asdict(run)) + "\n")
                answers.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
