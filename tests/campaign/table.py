"""What a campaign found, as tables: what each fault hit, where workers were killed, what failed."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.campaign.story import Run, Step


def as_table(runs: Sequence[Run]) -> str:
    """Outcomes by act and by fault, kills by row and act, and every failure with its seed."""
    steps = [step for run in runs for step in run.steps if step.outcome != "nothing to do"]
    lines = ["", "act: outcomes"]
    lines += _grouped((step.act, _outcome(step)) for step in steps)
    lines += ["", "fault: outcomes"]
    lines += _grouped((step.fault, _outcome(step)) for step in steps)
    lines += ["", "worker killed: acts that this hit"]
    lines += _grouped((step.row, step.act) for step in steps if step.row)
    killed = sum(bool(step.row) for step in steps)
    missed = sum(bool(step.missed and not step.row) for step in steps)
    bad = [run for run in runs if run.wrong]
    seconds = [run.seconds for run in runs]
    lines += [
        "",
        f"{len(runs)} runs, {len(steps)} acts, in {killed} of which a worker was killed (in "
        f"{missed} it ended before); {len(bad)} failed; "
        f"{sum(seconds) / max(1, len(runs)):.1f} s a run, {max(seconds, default=0):.1f} s at most",
    ]
    for run in bad:
        lines.append(f"  make chaos SEED={run.seed}  ({run.deployment}): {run.wrong}")
        for step in run.steps:
            told = (step.act, step.fault, step.row or step.missed, _outcome(step), step.seconds)
            lines.append("      " + " | ".join(map(str, told)))
    return "\n".join(lines)


def _outcome(step: Step) -> str:
    return step.outcome or "FAILED"


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[str]:
    by_head: dict[str, Counter[str]] = {}
    for head, outcome in pairs:
        by_head.setdefault(head, Counter())[outcome] += 1
    return [
        f"  {head:44} {', '.join(f'{what} {n}' for what, n in sorted(by_head[head].items()))}"
        for head in sorted(by_head)
    ]
