"""What is to become of a stop: it belongs to one entry or one position, and goes with it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trading.enums import ORDER_ENDED, OrderStatus


class Verdict(StrEnum):
    KEEP = "keep"
    # Take it off the venue, or never send it.
    END = "end"
    # It waited at the desk; now there is something for it to guard.
    SEND = "send"
    RESIZE = "resize"


@dataclass(frozen=True, slots=True)
class Leg:
    """An order as far as its stops, or the entry of a stop, are concerned."""

    side: str
    status: str
    size: Decimal
    filled: Decimal

    @property
    def has_ended(self) -> bool:
        return self.status in ORDER_ENDED


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with its reason (a stable code) or the size that it wants."""

    verdict: Verdict
    reason: str = ""
    size: Decimal = Decimal(0)


_KEEP = Judged(Verdict.KEEP)


def judge_stop(
    stop: Leg,
    *,
    entry: Leg | None,
    siblings: Sequence[Leg],
    held_side: str | None,
    held_size: Decimal,
    is_sent: bool,
    is_replaced: bool = False,
) -> Judged:
    """What to do with a live stop now.

    `entry` is None for a stop that was set on a position; then `held_side` and `held_size` are
    that very position's (None and 0 once it is closed), otherwise the market's open position's.
    A sibling has filled if anything of it was filled and it has ended: what the venue cancels of
    a reduce-only order after a fill had nothing left to close. `is_replaced` says that a stop
    that was set in its place rests at the venue.
    """
    if stop.has_ended:
        return _KEEP
    if is_replaced:
        return Judged(Verdict.END, "order.stop_replaced")
    if any(sibling.has_ended and sibling.filled > 0 for sibling in siblings):
        return Judged(Verdict.END, "order.sibling_filled")
    if entry is not None and entry.filled == 0:
        if entry.has_ended:
            return Judged(Verdict.END, "order.entry_unfilled")
        return _KEEP
    if held_side != stop.side:
        return Judged(Verdict.END, "order.position_closed")
    if entry is None:
        return _KEEP if is_sent else Judged(Verdict.SEND, size=min(stop.size, held_size))
    if not is_sent:
        return Judged(Verdict.SEND, size=min(entry.filled, held_size))
    if stop.status == OrderStatus.OPEN and _has_wrong_size(stop, entry):
        return Judged(Verdict.RESIZE, size=entry.filled)
    return _KEEP


def _has_wrong_size(stop: Leg, entry: Leg) -> bool:
    """Too small as the entry fills further; too large once it will fill no further."""
    return stop.size < entry.filled or (entry.has_ended and stop.size > entry.filled)
