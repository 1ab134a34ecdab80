"""What of a feed's batches is fresh, what comes late, and what has begun to stand still."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from markets.prices import Price

_Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """Of a batch: what may be shown, what of that moved, and how many came too late."""

    fresh: tuple[Price, ...]
    moved: tuple[Price, ...]
    late: int


class PriceWatch:
    """The last price of each source and token, while a process lives."""

    def __init__(self, lifetime: timedelta) -> None:
        self._lifetime = lifetime
        self._last: dict[_Name, Price] = {}
        self._stale: set[_Name] = set()

    def take(self, prices: Iterable[Price], *, now: datetime) -> Taken:
        """Sort a batch; a price that is older than one taken before changes nothing."""
        fresh, moved, late = [], [], 0
        for price in prices:
            name = (price.source, price.token)
            last = self._last.get(name)
            if last is not None and self._is_late(price, last, now):
                late += 1
                continue
            self._last[name] = price
            if self._is_fresh(price, now):
                fresh.append(price)
                if last is None or last.price != price.price or name in self._stale:
                    moved.append(price)
        return Taken(tuple(fresh), tuple(moved), late)

    def turned(self, *, now: datetime) -> tuple[list[Price], list[Price]]:
        """Those that have become stale since the last call, and those that are fresh again."""
        stale = {name for name, price in self._last.items() if not self._is_fresh(price, now)}
        worse, better = stale - self._stale, self._stale - stale
        self._stale = stale
        return [self._last[name] for name in sorted(worse)], [
            self._last[name] for name in sorted(better)
        ]

    def stale_names(self) -> list[str]:
        """`source token` of what is stale, as the last `turned` found it."""
        return [" ".join(name) for name in sorted(self._stale)]

    def youngest(self) -> Price | None:
        return max(self._last.values(), key=lambda price: price.observed_at, default=None)

    def _is_fresh(self, price: Price, now: datetime) -> bool:
        return now - price.observed_at <= self._lifetime

    def _is_late(self, price: Price, last: Price, now: datetime) -> bool:
        # What is stale is no measure: the chain may have been set up anew since.
        if not self._is_fresh(last, now):
            return False
        if price.slot != last.slot and price.slot and last.slot:
            return price.slot < last.slot
        # Of one slot: its moment is reckoned from slots, and wavers a little.
        return price.slot == 0 and price.observed_at < last.observed_at
