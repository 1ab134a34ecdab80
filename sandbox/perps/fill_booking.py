"""What every fill does to orders, fees and the log, whoever it was with."""

from __future__ import annotations

from typing import Any

from sandbox.perps import amm
from sandbox.perps.averages import update_mark_averages
from sandbox.perps.errors import Error, require
from sandbox.perps.fees import FillFees, count_volume
from sandbox.perps.filling import Filling
from sandbox.perps.model import Order, PerpMarket, PerpPosition, User
from sandbox.perps.positions import Change, add_quote, change_of
from sandbox.perps.terms import (
    BASE,
    Action,
    Direction,
    Explanation,
    MarketKind,
    OrderStatus,
    ceiling,
)
from sandbox.solana.programs import ProgramError


def can_reward(user: User | None, market: PerpMarket) -> bool:
    """Whether somebody has room for a reward; room is made."""
    if user is None:
        return False
    try:
        user.force_position(market.market_index)
    except ProgramError:
        return False
    return True


def require_limit_kept(
    quote: int, base: int, direction: int, limit: int, *, as_taker: bool
) -> None:
    """Refuse a fill at a price past its limit; a taker is allowed one unit of rounding."""
    long = direction == Direction.LONG
    if as_taker:
        quote = max(quote - 1, 0) if long else quote + 1
    price = quote * BASE // base
    require(price <= limit if long else price >= limit, Error.INVALID_FILL_PRICE)


def maker_quote(base: int, price: int, direction: int) -> int:
    """What a maker trades for: rounded down for one who buys, up for one who sells."""
    return base * price // BASE if direction == Direction.LONG else ceiling(base * price, BASE)


def note_trade(filling: Filling, price: int) -> None:
    """Count a trade's price in the market's averages."""
    market = filling.market
    update_mark_averages(
        market,
        filling.frame.now,
        price=price,
        direction=filling.direction,
        quotes=amm.quotes(market),
    )


def credit_filler(
    filling: Filling, filler: User | None, stats: Any, reward: int, quote: int
) -> None:
    """Pay whoever brought the fill about."""
    if filler is None:
        return
    if reward > 0:
        position = filler.force_position(filling.market.market_index)
        add_quote(position, filling.market, reward)
        count_volume(stats, "filler", quote, filling.frame.now)
    filler.touch(filling.frame.slot)


def advance(order: Order, position: PerpPosition, base: int, quote: int) -> None:
    """Count a fill in its order."""
    order.base_asset_amount_filled += base
    order.quote_asset_amount_filled += quote
    if order.unfilled() == 0:
        order.status = OrderStatus.FILLED
    position.change_open_interest(order.direction, -base)


def free_if_filled(user: User, order: Order, position: PerpPosition) -> None:
    """Empty the slot of an order that is done."""
    if order.unfilled() == 0:
        user.discount_order(auction=order.has_auction)
        order.reset()
        position.open_orders -= 1


def existing_fields(
    side: str, position: PerpPosition, base: int, direction: int
) -> dict[str, int | None]:
    """What later builds tell of a position before a fill that reduces it.

    The entry that is taken back, and for one that is flipped its size.
    """
    held = int(position.base_asset_amount)
    change = change_of(held, base if direction == Direction.LONG else -base)
    entry = size = None
    if change in (Change.REDUCE, Change.CLOSE):
        entry = abs(int(position.quote_entry_amount)) * base // abs(held)
    elif change is Change.FLIP:
        entry, size = abs(int(position.quote_entry_amount)), abs(held)
    return {
        f"{side}_existing_quote_entry_amount": entry,
        f"{side}_existing_base_asset_amount": size,
    }


def emit_fill(
    filling: Filling,
    sides: dict[str, Any],
    explanation: Explanation,
    fees: FillFees,
    base: int,
    quote: int,
    **values: Any,
) -> None:
    """Log a fill, which takes the market's next fill number."""
    market, frame = filling.market, filling.frame
    frame.emit(
        "OrderActionRecord",
        stack=True,
        ts=frame.now,
        action=Action.FILL,
        action_explanation=explanation,
        market_index=market.market_index,
        market_type=MarketKind.PERP,
        filler=filling.filler_key,
        filler_reward=fees.filler,
        fill_record_id=market.take_id("next_fill_record_id"),
        base_asset_amount_filled=base,
        quote_asset_amount_filled=quote,
        taker_fee=fees.taker,
        referrer_reward=fees.referrer or None,
        oracle_price=frame.oracles.price(market.oracle).price,
        **sides,
        **values,
    )
