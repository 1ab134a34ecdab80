"""How a fill changes a position and the market's sums over all positions."""

from __future__ import annotations

from enum import Enum, auto

from sandbox.perps.errors import Error, require
from sandbox.perps.model import PerpMarket, PerpPosition
from sandbox.perps.terms import Direction, quotient


class Change(Enum):
    OPEN = auto()
    INCREASE = auto()
    REDUCE = auto()
    CLOSE = auto()
    FLIP = auto()


def change_of(before: int, delta: int) -> Change:
    """What adding `delta` to a position of `before` does to it."""
    if before == 0:
        return Change.OPEN
    if (before > 0) == (delta > 0):
        return Change.INCREASE
    if abs(before) == abs(delta):
        return Change.CLOSE
    return Change.REDUCE if abs(before) > abs(delta) else Change.FLIP


def signed_fill(base: int, quote: int, direction: int) -> tuple[int, int]:
    """The changes of base and quote that a fill brings to whoever traded in this direction."""
    return (base, -quote) if direction == Direction.LONG else (-base, quote)


def apply_fill(position: PerpPosition, market: PerpMarket, base: int, quote: int) -> None:
    """Add a fill (signed amounts) to a position and to the market."""
    before = int(position.base_asset_amount)
    change = change_of(before, base)
    after, quote_after = before + base, int(position.quote_asset_amount) + quote
    entry, break_even = _new_entries(position, change, base, quote)
    _count_users(position, market, change, quote_after)
    market.quote_asset_amount += quote
    _change_sides(position, market, change, base, quote, entry, break_even)
    _require_settled(position, market)
    if change is Change.CLOSE:
        position.last_cumulative_funding_rate = 0
    elif change is not Change.REDUCE:
        position.last_cumulative_funding_rate = market.cumulative_funding(after)
    position.base_asset_amount = after
    position.quote_asset_amount = quote_after
    position.quote_entry_amount = entry
    position.quote_break_even_amount = break_even


def _new_entries(position: PerpPosition, change: Change, base: int, quote: int) -> tuple[int, int]:
    entry, break_even = int(position.quote_entry_amount), int(position.quote_break_even_amount)
    held = abs(position.base_asset_amount)
    if change in (Change.OPEN, Change.INCREASE):
        return entry + quote, break_even + quote
    if change is Change.FLIP:
        opened = quote - quotient(quote * held, abs(base))
        return opened, opened
    return (
        entry - quotient(entry * abs(base), held),
        break_even - quotient(break_even * abs(base), held),
    )


def _count_users(
    position: PerpPosition, market: PerpMarket, change: Change, quote_after: int
) -> None:
    if change is Change.OPEN:
        if position.quote_asset_amount == 0 and position.base_asset_amount == 0:
            market.number_of_users += 1
        market.number_of_users_with_base += 1
    elif change is Change.CLOSE:
        if quote_after == 0:
            market.number_of_users -= 1
        market.number_of_users_with_base -= 1


def _add_side(market: PerpMarket, side: str, base: int, entry: int, break_even: int) -> None:
    for name, delta in (
        (f"base_asset_amount_{side}", base),
        (f"quote_entry_amount_{side}", entry),
        (f"quote_break_even_amount_{side}", break_even),
    ):
        setattr(market, name, getattr(market, name) + delta)


def _change_sides(
    position: PerpPosition,
    market: PerpMarket,
    change: Change,
    base: int,
    quote: int,
    entry: int,
    break_even: int,
) -> None:
    before = int(position.base_asset_amount)
    if change in (Change.OPEN, Change.INCREASE):
        _add_side(market, "long" if before + base > 0 else "short", base, quote, quote)
        return
    old_side = "long" if before > 0 else "short"
    old_entry, old_break_even = position.quote_entry_amount, position.quote_break_even_amount
    if change is Change.FLIP:
        _add_side(market, old_side, -before, -old_entry, -old_break_even)
        new_side = "short" if before > 0 else "long"
        _add_side(market, new_side, before + base, entry, break_even)
        return
    _add_side(market, old_side, base, entry - old_entry, break_even - old_break_even)


def _require_settled(position: PerpPosition, market: PerpMarket) -> None:
    base = position.base_asset_amount
    if base != 0:
        settled = position.last_cumulative_funding_rate == market.cumulative_funding(base)
        require(settled, Error.INVALID_POSITION_LAST_FUNDING_RATE)


def add_quote(position: PerpPosition, market: PerpMarket, amount: int) -> None:
    """Change a position's quote amount by a fee, a reward or funding."""
    if amount == 0:
        return
    if position.quote_asset_amount == 0 and position.base_asset_amount == 0:
        market.number_of_users += 1
    position.quote_asset_amount += amount
    market.quote_asset_amount += amount
    if position.quote_asset_amount == 0 and position.base_asset_amount == 0:
        market.number_of_users = max(market.number_of_users - 1, 0)


def add_quote_and_break_even(position: PerpPosition, market: PerpMarket, amount: int) -> None:
    """As `add_quote`, counted in the price at which the position breaks even."""
    add_quote(position, market, amount)
    if amount == 0 or position.base_asset_amount == 0:
        return
    position.quote_break_even_amount += amount
    side = "long" if position.base_asset_amount > 0 else "short"
    _add_side(market, side, 0, 0, amount)
