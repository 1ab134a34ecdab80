"""Timing by turns, and what a measurement is held against."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Subject = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a benchmark's answer; `ok` is None where nothing is wanted."""

    what: str
    measured: str
    against: str = ""
    ratio: float | None = None
    wanted: str = ""
    ok: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "kept", False: "MISSED"}[self.ok]


@dataclass(frozen=True, slots=True)
class Size:
    """How much to measure; zero leaves a benchmark its own full size."""

    rows: int = 0
    rounds: int = 0

    def rows_or(self, full: int) -> int:
        return self.rows or full

    def rounds_or(self, full: int) -> int:
        return self.rounds or full


def by_turns(subjects: Mapping[str, Subject], *, rounds: int, warm_up: int = 1) -> dict[str, float]:
    """Seconds of each, the median of the rounds; every second round goes backwards.

    On a shared machine only what ran side by side can be compared.
    """
    names = list(subjects)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-warm_up, rounds):
        for name in names if number % 2 == 0 else reversed(names):
            seconds = seconds_of(subjects[name])
            if number >= 0:
                taken[name].append(seconds)
    return {name: statistics.median(each) for name, each in taken.items()}


def seconds_of(work: Subject) -> float:
    """Wall time of one call, without the collector of garbage in between."""
    gc.collect()
    gc.disable()
    try:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began
    finally:
        gc.enable()


def compared(
    what: str,
    seconds: float,
    bound: float,
    *,
    bound_name: str,
    per: int = 1,
    at_most: float | None = None,
) -> Finding:
    """Seconds against the bound's seconds, shown for each of `per` things."""
    ratio = seconds / bound
    return Finding(
        what=what,
        measured=shown_time(seconds / per),
        against=f"{shown_time(bound / per)} {bound_name}",
        ratio=ratio,
        wanted="" if at_most is None else f"ratio ≤ {at_most}",
        ok=None if at_most is None else ratio <= at_most,
    )


def rated(
    what: str, per_second: float, bound: float, *, bound_name: str, at_least: float
) -> Finding:
    """A rate against the bound's rate: more is better."""
    ratio = per_second / bound
    return Finding(
        what=what,
        measured=f"{per_second:,.0f}/s",
        against=f"{bound:,.0f}/s {bound_name}",
        ratio=ratio,
        wanted=f"ratio ≥ {at_least}",
        ok=ratio >= at_least,
    )


def limited(what: str, seconds: float, *, at_most: float | None = None) -> Finding:
    """Seconds against a limit in seconds."""
    return Finding(
        what=what,
        measured=shown_time(seconds),
        wanted="" if at_most is None else f"≤ {shown_time(at_most)}",
        ok=None if at_most is None else seconds <= at_most,
    )


def shown_time(seconds: float) -> str:
    """Three figures in the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
