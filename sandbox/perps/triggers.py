"""Stops and take-profits: set off by a keeper once the oracle has passed their price."""

from __future__ import annotations

from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.frame import Frame
from sandbox.perps.margin import calculate_margin, require_not_liquidated
from sandbox.perps.model import Order, PerpMarket, User
from sandbox.perps.oracles import GOOD_FOR_TRIGGER
from sandbox.perps.orders import cancel_order, emit_order_action
from sandbox.perps.rewards import pay_flat_reward
from sandbox.perps.terms import (
    PERCENT,
    PRICE,
    Action,
    Direction,
    Explanation,
    Margin,
    MarketKind,
    OrderStatus,
    Tier,
    Trigger,
    ceiling,
    quotient,
)

LEAST_DURATION = 30
UNCERTAIN_SECONDS = 60


def trigger_order(frame: Frame, order_id: int, user: User, filler: User) -> None:
    """Turn a waiting order into a live one, at the owner's cost."""
    order = user.find_order(order_id)
    if order is None:
        raise Refused(Error.ORDER_DOES_NOT_EXIST)
    require(order.status == OrderStatus.OPEN, Error.ORDER_NOT_OPEN)
    waiting = order.must_be_triggered and not order.is_triggered
    require(waiting, Error.ORDER_NOT_TRIGGERABLE)
    require(order.market_type == MarketKind.PERP, Error.INVALID_ORDER_MARKET_TYPE)
    require_not_liquidated(frame, user)
    require(not user.is_bankrupt, Error.USER_BANKRUPT)
    market = frame.perp_market(order.market_index)
    average = market.historical_oracle_data.last_oracle_price_twap
    oracle, validity = frame.oracles.price_and_validity(market, market.oracle, average)
    require(validity in GOOD_FOR_TRIGGER, Error.INVALID_ORACLE)
    require(_is_met(order, oracle.price), Error.TRIGGER_CONDITION_NOT_SATISFIED)
    position = user.position(market.market_index)
    worst_before = abs(position.worst_case_base)
    _set_off(order, market, oracle.price, frame.slot)
    if order.has_auction:
        user.count_auction()
    position.change_open_interest(order.direction, order.base_asset_amount)
    reward = pay_flat_reward(frame, user, filler if filler.key != user.key else None, market)
    emit_order_action(
        frame,
        Action.TRIGGER,
        user.key,
        order,
        oracle=oracle.price,
        stack=False,
        as_taker=True,
        filler=filler.key,
        filler_reward=reward,
        taker_fee=reward,
    )
    if abs(position.worst_case_base) > worst_before and not order.reduce_only:
        _cancel_without_margin(frame, user, order, filler)
    user.touch(frame.slot)


def _is_met(order: Order, oracle: int) -> bool:
    if order.trigger_condition == Trigger.ABOVE:
        return bool(oracle > order.trigger_price)
    return bool(oracle < order.trigger_price)


def _cancel_without_margin(frame: Frame, user: User, order: Order, filler: User) -> None:
    if not calculate_margin(frame, user, Margin.INITIAL).is_met:
        cancel_order(
            frame,
            user,
            order,
            explanation=Explanation.INSUFFICIENT_FREE_COLLATERAL,
            filler=filler.key,
        )


def _set_off(order: Order, market: PerpMarket, oracle: int, slot: int) -> None:
    above = order.trigger_condition == Trigger.ABOVE
    order.trigger_condition = Trigger.TRIGGERED_ABOVE if above else Trigger.TRIGGERED_BELOW
    order.slot = slot
    start, end = _auction_prices(market, order.direction, oracle, order.price)
    order.auction_start_price, order.auction_end_price = start, end
    duration = _duration(abs(end - start), oracle, market)
    order.auction_duration = max(LEAST_DURATION, duration)


def _auction_prices(market: PerpMarket, direction: int, oracle: int, limit: int) -> tuple[int, int]:
    start, end = _offsets(market, direction, 2 if limit else 1)
    start, end = oracle + start, oracle + end
    if limit == 0:
        return start, end
    if direction == Direction.LONG:
        return min(start, limit), min(end, limit)
    return max(start, limit), max(end, limit)


def _duration(width: int, price: int, market: PerpMarket) -> int:
    slots_per_percent = 100 if market.contract_tier <= Tier.B else 60
    slots = ceiling(width * PERCENT // price * slots_per_percent, PERCENT // 100)
    return min(max(slots, 10), 180)


def _offsets(market: PerpMarket, direction: int, scale: int) -> tuple[int, int]:
    """Where an auction starts and ends, from the oracle's price."""
    average = int(market.historical_oracle_data.last_oracle_price_twap)
    start = _start_offset(market, direction)
    nearest, furthest = {
        Tier.A: (1000, 50),
        Tier.B: (1000, 20),
        Tier.C: (500, 20),
        Tier.SPECULATIVE: (100, 10),
    }.get(market.contract_tier, (50, 5))
    short = direction == Direction.SHORT
    spread = market.short_spread if short else market.long_spread
    buffer = max(market.mark_std, market.oracle_std, spread * average // PERCENT) * scale
    buffer = min(max(buffer, average // nearest), average // furthest)
    if short:
        return start, min(market.last_bid_price_twap - buffer - average, start)
    return start, max(market.last_ask_price_twap + buffer - average, start)


def _start_offset(market: PerpMarket, direction: int) -> int:
    history, short = market.historical_oracle_data, direction == Direction.SHORT
    slow = market.last_ask_price_twap if short else market.last_bid_price_twap
    if abs(history.last_oracle_price_twap_ts - market.last_mark_price_twap_ts) >= UNCERTAIN_SECONDS:
        divisor = 500 if market.contract_tier <= Tier.B else 100
        return -quotient(slow, divisor) if short else quotient(slow, divisor)
    slow_offset = slow - history.last_oracle_price_twap
    fast_offset = market.last_mark_price_twap5min - history.last_oracle_price_twap5min
    of_long = market.long_spread * slow // (PRICE * 10)
    of_short = market.short_spread * slow // (PRICE * 10)
    if short:
        return int(max(slow_offset - of_short, fast_offset + of_long))
    return int(min(slow_offset + of_long, fast_offset - of_short))
