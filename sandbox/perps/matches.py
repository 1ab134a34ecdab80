"""Fills by other users' resting orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.perps import amm
from sandbox.perps.auctions import forced_limit_price
from sandbox.perps.errors import Error, require
from sandbox.perps.fees import FillFees, Referral, count_volume, fees_with_match, match_multiplier
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
from sandbox.perps.makers import MakerOrder, crosses
from sandbox.perps.model import Order, PerpPosition, User
from sandbox.perps.orders import order_side
from sandbox.perps.positions import add_quote_and_break_even, apply_fill, signed_fill
from sandbox.perps.referrals import reward_referrer
from sandbox.perps.terms import Direction, Explanation, OrderStatus


@dataclass(frozen=True, slots=True)
class Maker:
    """The other side of a match."""

    user: User
    stats: Any
    order: Order
    position: PerpPosition
    price: int
    direction: Direction


def fill_with_maker(filling: Filling, offer: MakerOrder) -> tuple[int, int]:
    """Fill against a resting order; gives base and quote, both 0 where they do not meet."""
    market, user, order = filling.market, filling.user, filling.order
    key, maker_order, _ = offer
    if maker_order.status != OrderStatus.OPEN or maker_order.direction == order.direction:
        return 0, 0
    taker_price = _taker_price(filling)
    price = forced_limit_price(
        maker_order, slot=filling.frame.slot, tick=market.order_tick_size, oracle=filling.oracle
    )
    if not crosses(maker_order.direction, price, taker_price):
        return 0, 0
    maker_user, index = filling.makers[key], market.market_index
    maker_position, position = maker_user.position(index), user.position(index)
    base = min(
        maker_order.unfilled(maker_position.base_asset_amount),
        order.unfilled(position.base_asset_amount),
    )
    if base == 0:
        return 0, 0
    side = Direction(maker_order.direction)
    stats = _stats_of(filling, maker_user)
    maker = Maker(maker_user, stats, maker_order, maker_position, price, side)
    return base, _match(filling, maker, position, base, taker_price)


def _stats_of(filling: Filling, maker: User) -> Any:
    if maker.authority == filling.user.authority:
        return filling.stats
    require(maker.authority in filling.maker_stats, Error.USER_STATS_NOT_FOUND)
    return filling.maker_stats[maker.authority]


def _taker_price(filling: Filling) -> int:
    market, limit = filling.market, filling.limit()
    if limit is not None:
        return limit
    return amm.fallback_price(
        market,
        filling.direction,
        amm.available_liquidity(market, filling.direction),
        filling.oracle,
        max(filling.order.max_ts - filling.frame.now, 0),
    )


def _match(
    filling: Filling, maker: Maker, position: PerpPosition, base: int, taker_price: int
) -> int:
    """Book the match; gives the quote amount."""
    market, order, now = filling.market, filling.order, filling.frame.now
    note_trade(filling, maker.price)
    quote = maker_quote(base, maker.price, maker.direction)
    require_limit_kept(quote, base, filling.direction, taker_price, as_taker=True)
    require_limit_kept(quote, base, maker.direction, maker.price, as_taker=False)
    existing = existing_fields("taker", position, base, filling.direction)
    existing |= existing_fields("maker", maker.position, base, maker.direction)
    apply_fill(maker.position, market, *signed_fill(base, quote, maker.direction))
    count_volume(maker.stats, "maker", quote, now)
    apply_fill(position, market, *signed_fill(base, quote, filling.direction))
    count_volume(filling.stats, "taker", quote, now)
    referral = _referral(filling, maker.user)
    fees = _fees(filling, maker, quote, referral)
    _book(filling, maker, position, fees)
    credit_filler(filling, filling.filler, filling.filler_stats, fees.filler, quote)
    reward_referrer(filling.frame, referral, market, fees.referrer)
    advance(order, position, base, quote)
    advance(maker.order, maker.position, base, quote)
    sides = order_side("taker", filling.user.key, order)
    sides |= order_side("maker", maker.user.key, maker.order) | existing
    jit = maker.order.is_jit_maker
    emit_fill(
        filling,
        sides,
        Explanation.FILLED_WITH_MATCH_JIT if jit else Explanation.FILLED_WITH_MATCH,
        fees,
        base,
        quote,
        maker_fee=-fees.maker_rebate,
    )
    free_if_filled(filling.user, order, position)
    free_if_filled(maker.user, maker.order, maker.position)
    return quote


def _referral(filling: Filling, maker: User) -> Referral | None:
    """The taker's referrer, but for a match with that same person."""
    referral = filling.referral
    if referral is None or maker.authority == referral.user.authority:
        return None
    return referral if can_reward(referral.user, filling.market) else None


def _fees(filling: Filling, maker: Maker, quote: int, referral: Referral | None) -> FillFees:
    multiplier = 0
    if can_reward(filling.filler, filling.market):
        multiplier = match_multiplier(maker.price, maker.direction, filling.oracle)
    return fees_with_match(
        filling.stats,
        maker.stats,
        filling.structure,
        quote,
        age=filling.frame.slot - filling.order.slot,
        multiplier=multiplier,
        adjustment=filling.market.fee_adjustment,
        referral=referral,
    )


def _book(filling: Filling, maker: Maker, position: PerpPosition, fees: FillFees) -> None:
    market, stats = filling.market, filling.stats
    market.total_fee += fees.to_market
    market.total_exchange_fee += fees.to_market
    market.total_fee_minus_distributions += fees.to_market
    market.net_revenue_since_last_funding += fees.to_market
    add_quote_and_break_even(position, market, -fees.taker)
    stats.fees.total_fee_paid += fees.taker
    stats.fees.total_referee_discount += fees.referee_discount
    add_quote_and_break_even(maker.position, market, fees.maker_rebate)
    maker.stats.fees.total_fee_rebate += fees.maker_rebate
