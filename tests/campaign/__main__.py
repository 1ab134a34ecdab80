"""`python -m tests.campaign`: seeded runs in which every act meets crashes and faults.

Each desk has servers of its own. A failed run is repeated by its seed. What was played is kept in
a folder, so that a campaign that was stopped goes on by `--resume`.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tests.campaign.record import Record
from tests.campaign.table import as_table

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Return 1 if a run failed."""
    options = _parser().parse_args()
    if options.only:
        return _work([int(seed) for seed in options.only.split(",")], options)
    first = options.seed if options.seed is not None else 1
    seeds = range(first, first + (options.runs or (1 if options.seed is not None else 100)))
    record = Record(options.folder or _folder(seeds))
    if not options.resume:
        record.begin()
    known = {run.seed for run in record.runs()}
    return _lead([seed for seed in seeds if seed not in known], options, record)


def _folder(seeds: range) -> Path:
    """A run that is repeated alone has a folder of its own, beside the campaign's."""
    kept = ROOT / "var" / "chaos"
    return kept / f"seed-{seeds[0]}" if len(seeds) == 1 else kept


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--runs", type=int, help="how many (default: 100, or 1 with --seed)")
    parser.add_argument("--seed", type=int, help="the first run's seed (default: 1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="desks at once")
    parser.add_argument("--minutes", type=float, default=0, help="start no run after so long")
    parser.add_argument(
        "--folder", type=Path, help="where runs.jsonl and table.txt are kept (default: var/chaos)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="play only those of the runs that are not kept yet"
    )
    parser.add_argument("--only", help=argparse.SUPPRESS)
    return parser


def _lead(seeds: list[int], options: argparse.Namespace, record: Record) -> int:
    """Share the seeds among desks of their own, and gather what they found."""
    began = time.monotonic()
    jobs = min(options.jobs, len(seeds))
    log = record.folder / "desk.log"
    children = [
        subprocess.Popen(
            [
                sys.executable, "-m", "tests.campaign", "--minutes", str(options.minutes),
                "--only", ",".join(map(str, seeds[share::jobs])),
            ],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=log.open("a"), text=True,
        )
        for share in range(jobs)
    ]  # fmt: skip
    played = 0
    try:
        for line in _lines(children):
            run = record.add(line)
            played += 1
            verdict = f"FAILED {run.wrong}" if run.wrong else "held"
            print(f"{played:5} seed {run.seed}: {run.seconds:.1f} s, {verdict}", flush=True)
    except KeyboardInterrupt:
        print("stopped; `--resume` goes on with it")
    codes = [child.wait() for child in children]
    if any(codes):
        print(f"a desk ended before its runs were played: see {log}")
    runs = record.runs()
    table = record.close(as_table(runs))
    print(table)
    print(f"{time.monotonic() - began:.0f} s for {played} runs now; all is kept in {record.folder}")
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


def _work(seeds: list[int], options: argparse.Namespace) -> int:
    """One desk: its share of the runs, each told as a line of JSON."""
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
            for number, seed in enumerate(seeds):
                # Whoever asks for runs gets one, however slow the machine is.
                if until is not None and number and time.monotonic() > until:
                    break
                run = Player(seed=seed, house=house).play()
                answers.write(json.dumps(asdict(run)) + "\n")
                answers.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
