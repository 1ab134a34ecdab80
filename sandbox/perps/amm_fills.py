"""Fills by the virtual market maker's curve."""

from __future__ import annotations

from typing import Any

from sandbox.perps import amm
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.fees import FillFees, count_volume, fee_tier, fees_with_amm
from sandbox.perps.fill_booking import (
    advance,
    can_reward,
    credit_filler,
    emit_fill,
    existing_fields,
    free_if_filled,
    maker_quote,
    note_trade,
    require_limit_kept,
)
from sandbox.perps.filling import Filling
from sandbox.perps.model import PerpMarket, PerpPosition, User
from sandbox.perps.orders import order_side
from sandbox.perps.positions import add_quote_and_break_even, apply_fill, signed_fill
from sandbox.perps.referrals import reward_referrer
from sandbox.perps.terms import Direction, Explanation, quotient


def fill_with_amm(filling: Filling, *, override_price: int | None) -> tuple[int, int]:
    """Fill against the curve; gives base and quote, both 0 where too little can be filled."""
    user, order, market = filling.user, filling.order, filling.market
    filler, filler_stats = _rewarded(filling)
    base, limit = _amount(filling, override_price)
    position = user.position(market.market_index)
    large = abs(position.base_asset_amount) > market.min_order_size
    if base < (market.min_order_size if large else market.order_step_size):
        filling.frame.ctx.log("the curve cannot fill the order")
        return 0, 0
    side = "maker" if order.post_only else "taker"
    existing = existing_fields(side, position, base, filling.direction)
    quote, surplus = _swap(filling, position, base, limit)
    referral = filling.referral
    if referral is not None and not can_reward(referral.user, market):
        referral = None
    fees = fees_with_amm(
        filling.stats,
        filling.structure,
        quote,
        age=filling.frame.slot - order.slot,
        rewards_filler=can_reward(filler, market),
        surplus=surplus,
        post_only=bool(order.post_only),
        adjustment=market.fee_adjustment,
        referral=referral,
    )
    _book(filling, position, fees, quote, surplus)
    credit_filler(filling, filler, filler_stats, fees.filler, quote)
    advance(order, position, base, quote)
    emit_fill(
        filling,
        order_side(side, user.key, order) | existing,
        Explanation.FILLED_WITH_AMM,
        fees,
        base,
        quote,
        maker_fee=-fees.maker_rebate if fees.maker_rebate else None,
        quote_asset_amount_surplus=surplus,
    )
    free_if_filled(user, order, position)
    return base, quote


def _rewarded(filling: Filling) -> tuple[User | None, Any]:
    """The filler, who may also be one of the makers given."""
    key = filling.filler_key
    if filling.filler is not None or key not in filling.makers:
        return filling.filler, filling.filler_stats
    if key == filling.user.key:
        # The programs cannot borrow the taker's account a second time as a maker's.
        raise Refused(Error.UNABLE_TO_LOAD_USER)
    maker = filling.makers[key]
    if maker.authority == filling.user.authority:
        return None, None
    require(maker.authority in filling.maker_stats, Error.USER_STATS_NOT_FOUND)
    return maker, filling.maker_stats[maker.authority]


def _amount(filling: Filling, override_price: int | None) -> tuple[int, int | None]:
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
        buffer += quotient(buffer * market.fee_adjustment, 100)
        within = limit - buffer if order.direction == Direction.LONG else limit + buffer
    position = filling.user.position(market.market_index)
    amount = amm.base_up_to_limit(order, market, within, position.base_asset_amount)
    return min(amount, amm.available_liquidity(market, order.direction)), limit


def _swap(
    filling: Filling, position: PerpPosition, base: int, limit: int | None
) -> tuple[int, int]:
    """Trade with the curve and book it; gives the quote amount and the curve's surplus."""
    market, direction = filling.market, filling.direction
    _require_reserves(market, direction)
    note_trade(filling, amm.quoted_price(market, filling.middle, direction))
    quote, surplus = amm.swap(market, base, direction)
    as_maker = bool(filling.order.post_only)
    if as_maker and limit is not None:
        swapped, quote = quote, maker_quote(base, limit, direction)
        surplus = quote - swapped if direction == Direction.LONG else swapped - quote
    signed_base, signed_quote = signed_fill(base, quote, direction)
    apply_fill(position, market, signed_base, signed_quote)
    market.base_asset_amount_with_amm += signed_base
    amm.update_spread_reserves(market)
    if limit is not None:
        require_limit_kept(quote, base, direction, limit, as_taker=not as_maker)
    return quote, surplus


def _require_reserves(market: PerpMarket, direction: int) -> None:
    if direction == Direction.LONG:
        within = market.base_asset_reserve >= market.min_base_asset_reserve
    else:
        within = market.base_asset_reserve <= market.max_base_asset_reserve
    require(within, Error.INVALID_AMM_FOR_FILL)


def _book(
    filling: Filling, position: PerpPosition, fees: FillFees, quote: int, surplus: int
) -> None:
    market, stats = filling.market, filling.stats
    market.total_fee += fees.to_market
    market.total_exchange_fee += fees.taker
    market.total_mm_fee += surplus
    market.total_fee_minus_distributions += fees.to_market
    market.net_revenue_since_last_funding += fees.to_market
    stats.fees.total_fee_paid += fees.taker
    stats.fees.total_fee_rebate += fees.maker_rebate
    stats.fees.total_referee_discount += fees.referee_discount
    reward_referrer(filling.frame, filling.referral, market, fees.referrer)
    add_quote_and_break_even(position, market, -fees.taker)
    add_quote_and_break_even(position, market, fees.maker_rebate)
    role = "maker" if filling.order.post_only else "taker"
    count_volume(stats, role, quote, filling.frame.now)
