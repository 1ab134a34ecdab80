"""The two ways an order is filled: by the curve, or by another user's resting order."""

from __future__ import annotations

from typing import Any

from sandbox.perps import amm
from sandbox.perps.auctions import forced_limit_price
from sandbox.perps.averages import update_mark_averages
from sandbox.perps.errors import Error, require
from sandbox.perps.fees import (
    FillFees,
    count_volume,
    fee_tier,
    fees_with_amm,
    fees_with_match,
    match_multiplier,
)
from sandbox.perps.filling import Filling
from sandbox.perps.makers import MakerOrder, crosses
from sandbox.perps.model import Order, PerpMarket, PerpPosition, User
from sandbox.perps.orders import order_side
from sandbox.perps.positions import (
    Change,
    add_quote,
    add_quote_and_break_even,
    apply_fill,
    change_of,
    signed_fill,
)
from sandbox.perps.terms import (
    BASE,
    Action,
    Direction,
    Explanation,
    OrderStatus,
    ceiling,
    quotient,
)
from sandbox.solana.programs import ProgramError


def _can_reward(user: User | None, market: PerpMarket) -> bool:
    if user is None:
        return False
    try:
        user.force_position(market.market_index)
    except ProgramError:
        return False
    return True


def _amm_amount(filling: Filling, override_price: int | None) -> tuple[int, int | None]:
    """Base that the curve fills within the limit, and that limit."""
    order, market, limit = filling.order, filling.market, filling.limit()
    if override_price is not None:
        limit = override_price
    if order.must_be_triggered and not order.is_triggered:
        return 0, limit
    within = limit
    if order.post_only and limit is not None:
        tier = fee_tier(filling.stats, filling.structure)
        buffer = limit * tier.maker_rebate_numerator // tier.maker_rebate_denominator
        adjustment = market.fee_adjustment
        buffer += quotient(buffer * adjustment, 100)
        within = limit - buffer if order.direction == Direction.LONG else limit + buffer
    position = filling.user.position(market.market_index)
    amount = amm.base_up_to_limit(order, market, within, position.base_asset_amount)
    return min(amount, amm.available_liquidity(market, order.direction)), limit


def require_limit_kept(
    quote: int, base: int, direction: int, limit: int, *, as_taker: bool
) -> None:
    """Refuse a fill at a price past its limit; a taker is allowed one unit of rounding."""
    long = direction == Direction.LONG
    if as_taker:
        quote = max(quote - 1, 0) if long else quote + 1
    price = quote * BASE // base
    require(price <= limit if long else price >= limit, Error.INVALID_FILL_PRICE)


def fill_with_amm(filling: Filling, *, override_price: int | None) -> tuple[int, int]:
    """Fill against the curve; gives base and quote, both 0 where too little can be filled."""
    user, order, market = filling.user, filling.order, filling.market
    base, limit = _amm_amount(filling, override_price)
    position = user.position(market.market_index)
    large = abs(position.base_asset_amount) > market.min_order_size
    if base < (market.min_order_size if large else market.order_step_size):
        filling.frame.ctx.log("the curve cannot fill the order")
        return 0, 0
    _require_reserves(market, filling.direction)
    quoted = amm.quoted_price(market, filling.middle, filling.direction)
    _note_trade(filling, quoted)
    quote, surplus = amm.swap(market, base, filling.direction)
    if order.post_only and limit is not None:
        quote, surplus = _at_makers_price(quote, base, limit, filling.direction)
    existing = existing_of(position, base, filling.direction)
    signed_base, signed_quote = signed_fill(base, quote, filling.direction)
    apply_fill(position, market, signed_base, signed_quote)
    market.base_asset_amount_with_amm += signed_base
    amm.update_spread_reserves(market)
    if limit is not None:
        require_limit_kept(quote, base, filling.direction, limit, as_taker=not order.post_only)
    fees = fees_with_amm(
        filling.stats,
        filling.structure,
        quote,
        age=filling.frame.slot - order.slot,
        rewards_filler=_can_reward(filling.filler, market),
        surplus=surplus,
        post_only=bool(order.post_only),
        adjustment=market.fee_adjustment,
    )
    _book_amm_fees(filling, position, fees, quote, surplus)
    _advance(order, position, base, quote)
    side = "maker" if order.post_only else "taker"
    _emit_fill(
        filling,
        order_side(side, user.key, order) | existing_fields(side, existing),
        Explanation.FILLED_WITH_AMM,
        fees,
        base,
        quote,
        maker_fee=-fees.maker_rebate if fees.maker_rebate else None,
        quote_asset_amount_surplus=surplus,
    )
    _free_if_filled(user, order, position)
    return base, quote


def _note_trade(filling: Filling, price: int) -> None:
    market = filling.market
    update_mark_averages(
        market,
        filling.frame.now,
        price=price,
        direction=filling.direction,
        quotes=amm.quotes(market),
    )


def _require_reserves(market: PerpMarket, direction: int) -> None:
    if direction == Direction.LONG:
        within = market.base_asset_reserve >= market.min_base_asset_reserve
    else:
        within = market.base_asset_reserve <= market.max_base_asset_reserve
    require(within, Error.INVALID_AMM_FOR_FILL)


def maker_quote(base: int, price: int, direction: int) -> int:
    """What a maker of this side trades for: rounded against the maker who buys, and up to sell."""
    return base * price // BASE if direction == Direction.LONG else ceiling(base * price, BASE)


def _at_makers_price(swapped: int, base: int, price: int, direction: int) -> tuple[int, int]:
    quote = maker_quote(base, price, direction)
    return quote, quote - swapped if direction == Direction.LONG else swapped - quote


def _book_amm_fees(
    filling: Filling, position: PerpPosition, fees: FillFees, quote: int, surplus: int
) -> None:
    market, stats, now = filling.market, filling.stats, filling.frame.now
    market.total_fee += fees.to_market
    market.total_exchange_fee += fees.taker
    market.total_mm_fee += surplus
    market.total_fee_minus_distributions += fees.to_market
    market.net_revenue_since_last_funding += fees.to_market
    stats.fees.total_fee_paid += fees.taker
    stats.fees.total_fee_rebate += fees.maker_rebate
    add_quote_and_break_even(position, market, -fees.taker)
    add_quote_and_break_even(position, market, fees.maker_rebate)
    count_volume(stats, "maker" if filling.order.post_only else "taker", quote, now)
    _credit_filler(filling, fees.filler, quote)


def _credit_filler(filling: Filling, reward: int, quote: int) -> None:
    filler, market = filling.filler, filling.market
    if filler is None:
        return
    if reward > 0:
        add_quote(filler.force_position(market.market_index), market, reward)
        count_volume(filling.filler_stats, "filler", quote, filling.frame.now)
    filler.touch(filling.frame.slot)


def _advance(order: Order, position: PerpPosition, base: int, quote: int) -> None:
    order.base_asset_amount_filled += base
    order.quote_asset_amount_filled += quote
    if order.unfilled() == 0:
        order.status = OrderStatus.FILLED
    position.change_open_interest(order.direction, -base)


def _free_if_filled(user: User, order: Order, position: PerpPosition) -> None:
    if order.unfilled() == 0:
        user.discount_order(auction=order.has_auction)
        order.reset()
        position.open_orders -= 1


def existing_of(position: PerpPosition, base: int, direction: int) -> tuple[int | None, int | None]:
    """What later builds tell of a position that a fill reduces: entry taken back, and size."""
    held = int(position.base_asset_amount)
    change = change_of(held, base if direction == Direction.LONG else -base)
    if change in (Change.OPEN, Change.INCREASE):
        return None, None
    entry = abs(int(position.quote_entry_amount))
    if change is Change.FLIP:
        return entry, abs(held)
    return entry * base // abs(held), None


def existing_fields(side: str, existing: tuple[int | None, int | None]) -> dict[str, int | None]:
    return {
        f"{side}_existing_quote_entry_amount": existing[0],
        f"{side}_existing_base_asset_amount": existing[1],
    }


def _emit_fill(
    filling: Filling,
    sides: dict[str, Any],
    explanation: Explanation,
    fees: FillFees,
    base: int,
    quote: int,
    **values: Any,
) -> None:
    market, frame = filling.market, filling.frame
    frame.emit(
        "OrderActionRecord",
        stack=True,
        ts=frame.now,
        action=Action.FILL,
        action_explanation=explanation,
        market_index=market.market_index,
        market_type=1,
        filler=filling.filler_key,
        filler_reward=fees.filler,
        fill_record_id=market.take_id("next_fill_record_id"),
        base_asset_amount_filled=base,
        quote_asset_amount_filled=quote,
        taker_fee=fees.taker,
        oracle_price=frame.oracles.price(market.oracle).price,
        **sides,
        **values,
    )


def fill_with_maker(filling: Filling, offer: MakerOrder) -> tuple[int, int]:
    """Fill against a resting order; gives base and quote, both 0 where they do not meet."""
    key, maker_order, maker_price = offer
    maker, market, taker = filling.makers[key], filling.market, filling.user
    order, index = filling.order, filling.market.market_index
    if maker_order.status != OrderStatus.OPEN or maker_order.direction == order.direction:
        return 0, 0
    taker_price = _taker_price(filling)
    maker_price = forced_limit_price(
        maker_order, slot=filling.frame.slot, tick=market.order_tick_size, oracle=filling.oracle
    )
    if not crosses(maker_order.direction, maker_price, taker_price):
        return 0, 0
    maker_position, taker_position = maker.position(index), taker.position(index)
    base = min(
        maker_order.unfilled(maker_position.base_asset_amount),
        order.unfilled(taker_position.base_asset_amount),
    )
    if base == 0:
        return 0, 0
    _note_trade(filling, maker_price)
    maker_direction = int(maker_order.direction)
    quote = maker_quote(base, maker_price, maker_direction)
    require_limit_kept(quote, base, filling.direction, taker_price, as_taker=True)
    require_limit_kept(quote, base, maker_direction, maker_price, as_taker=False)

    maker_stats = filling.stats
    if maker.authority != taker.authority:
        known = filling.maker_stats.get(maker.authority)
        require(known is not None, Error.USER_STATS_NOT_FOUND)
        maker_stats = known
    taker_existing = existing_of(taker_position, base, filling.direction)
    maker_existing = existing_of(maker_position, base, maker_direction)
    apply_fill(maker_position, market, *signed_fill(base, quote, maker_direction))
    count_volume(maker_stats, "maker", quote, filling.frame.now)
    apply_fill(taker_position, market, *signed_fill(base, quote, filling.direction))
    count_volume(filling.stats, "taker", quote, filling.frame.now)

    multiplier = 0
    if _can_reward(filling.filler, market):
        multiplier = match_multiplier(maker_price, maker_direction, filling.oracle)
    fees = fees_with_match(
        filling.stats,
        maker_stats,
        filling.structure,
        quote,
        age=filling.frame.slot - order.slot,
        multiplier=multiplier,
        adjustment=market.fee_adjustment,
    )
    _book_match_fees(filling, taker_position, maker_position, maker_stats, fees, quote)
    _advance(order, taker_position, base, quote)
    _advance(maker_order, maker_position, base, quote)
    jit = maker_order.is_jit_maker
    sides = order_side("taker", taker.key, order) | order_side("maker", key, maker_order)
    sides |= existing_fields("taker", taker_existing) | existing_fields("maker", maker_existing)
    _emit_fill(
        filling,
        sides,
        Explanation.FILLED_WITH_MATCH_JIT if jit else Explanation.FILLED_WITH_MATCH,
        fees,
        base,
        quote,
        maker_fee=-fees.maker_rebate,
    )
    _free_if_filled(taker, order, taker_position)
    _free_if_filled(maker, maker_order, maker_position)
    return base, quote


def _taker_price(filling: Filling) -> int:
    market, limit = filling.market, filling.limit()
    if limit is not None:
        return limit
    direction = filling.direction
    return amm.fallback_price(
        market,
        direction,
        amm.available_liquidity(market, direction),
        filling.oracle,
        max(filling.order.max_ts - filling.frame.now, 0),
    )


def _book_match_fees(
    filling: Filling,
    taker_position: PerpPosition,
    maker_position: PerpPosition,
    maker_stats: Any,
    fees: FillFees,
    quote: int,
) -> None:
    market = filling.market
    market.total_fee += fees.to_market
    market.total_exchange_fee += fees.to_market
    market.total_fee_minus_distributions += fees.to_market
    market.net_revenue_since_last_funding += fees.to_market
    add_quote_and_break_even(taker_position, market, -fees.taker)
    filling.stats.fees.total_fee_paid += fees.taker
    add_quote_and_break_even(maker_position, market, fees.maker_rebate)
    maker_stats.fees.total_fee_rebate += fees.maker_rebate
    _credit_filler(filling, fees.filler, quote)
