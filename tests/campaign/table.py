"""What a campaign found, as a table of faults against acts and outcomes."""

from collections import Counter
from collections.abc import Sequence

from tests.campaign.story import Run


def as_table(runs: Sequence[Run]) -> str:
    """Counts by fault and act with outcomes, the rows that were killed at, and every failure."""
    outcomes: Counter[tuple[str, str, str]] = Counter()
    rows: Counter[tuple[str, str]] = Counter()
    for run in runs:
        for step in run.steps:
            if step.outcome == "nothing to do":
                continue
            outcomes[step.fault, step.act, step.outcome or "FAILED"] += 1
            rows[step.row or "not killed", step.outcome or "FAILED"] += 1
    lines = ["", "fault, act: outcomes"]
    lines += _grouped({((fault, act), out): n for (fault, act, out), n in outcomes.items()})
    lines += ["", "killed: outcomes"]
    lines += _grouped({((row,), out): n for (row, out), n in rows.items()})
    bad = [run for run in runs if run.wrong]
    acts, seconds = sum(outcomes.values()), [run.seconds for run in runs]
    lines += [
        "",
        f"{len(runs)} runs, {acts} acts, {len(bad)} failed; "
        f"{sum(seconds) / max(1, len(runs)):.1f} s a run, {max(seconds, default=0):.1f} s at most",
    ]
    for run in bad:
        lines += [f"  SEED={run.seed} ({run.deployment}): {run.wrong}"]
        lines += [
            f"      {step.act} | {step.fault} | {step.row} | {step.outcome}" for step in run.steps
        ]
    return "\n".join(lines)


def _grouped(counts: dict[tuple[tuple[str, ...], str], int]) -> list[str]:
    by_head: dict[tuple[str, ...], list[str]] = {}
    for (head, outcome), n in sorted(counts.items()):
        by_head.setdefault(head, []).append(f"{outcome} {n}")
    return [f"  {' | '.join(head):56} {', '.join(found)}" for head, found in by_head.items()]
