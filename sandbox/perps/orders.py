"""Placing, cancelling, expiring and modifying orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solders.pubkey import Pubkey

from drift.layouts.deployments import Capability
from sandbox.perps import amm
from sandbox.perps.auctions import auction_of, standardize
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.frame import Frame
from sandbox.perps.margin import (
    require_margin_to_place,
    require_not_liquidated,
)
from sandbox.perps.model import Order, PerpMarket, PerpPosition, User
from sandbox.perps.order_rules import (
    increases_risk,
    validate_forced_reduction,
    validate_order,
)
from sandbox.perps.order_sizes import most_order_size
from sandbox.perps.terms import (
    U64_MAX,
    Action,
    Direction,
    Explanation,
    MarketKind,
    OrderStatus,
    OrderType,
    PostOnly,
)
from sandbox.solana.programs import ProgramError

IMMEDIATE_OR_CANCEL = 1


@dataclass(slots=True)
class Placing:
    """How one of several orders in an instruction is placed."""

    expires_others: bool = True
    checks_margin: bool = True


def is_immediate(params: Any) -> bool:
    """Whether the parameters ask for immediate-or-cancel, in either build's way."""
    flag = getattr(params, "immediate_or_cancel", None)
    if flag is None:
        flag = getattr(params, "bit_flags", 0) & IMMEDIATE_OR_CANCEL
    return bool(flag)


def place_order(frame: Frame, user: User, params: Any, how: Placing | None = None) -> None:
    """Put an order into a free slot; some orders are dropped without an error."""
    how = how or Placing()
    require_not_liquidated(frame, user)
    require(not user.is_bankrupt, Error.USER_BANKRUPT)
    if how.expires_others:
        expire_orders(frame, user)
    require(params.reduce_only or not user.is_reduce_only, Error.USER_REDUCE_ONLY)
    order = _free_slot(user, params.user_order_id)

    market = frame.perp_market(params.market_index)
    statuses = market.statuses
    require(market.status != statuses.initialized, Error.MARKET_BEING_INITIALIZED)
    require(not market.is_in_settlement(frame.now), Error.MARKET_PLACE_ORDER_PAUSED)
    position = user.force_position(params.market_index)
    step = market.order_step_size
    require(params.base_asset_amount >= step, Error.ORDER_AMOUNT_TOO_SMALL)
    size = params.base_asset_amount
    if size == U64_MAX:
        size = most_order_size(frame, user, position, market, params.direction)
    size -= size % step

    oracle = frame.oracles.price(market.oracle).price
    auction = auction_of(
        params,
        oracle=oracle,
        tick=market.order_tick_size,
        least_duration=frame.state.min_perp_auction_duration,
    )
    max_ts = _deadline(params, auction[2], frame.now)
    if max_ts != 0 and max_ts < frame.now:
        frame.ctx.log(f"order of the past skipped: {max_ts} < {frame.now}")
        return
    require(params.market_type == MarketKind.PERP, Error.INVALID_ORDER_MARKET_TYPE)
    _require_offset_known(frame, params)
    saved = order.raw()
    _fill_in(frame, order, params, market, position, size, auction, max_ts, user)
    try:
        validate_order(order, market, oracle=oracle, slot=frame.slot)
    except ProgramError as error:
        if error.code == Error.PLACE_POST_ONLY_FAILURE and params.post_only == PostOnly.TRY:
            order.data[order.base : order.base + order.SIZE] = saved
            return
        raise
    _count_placed(frame, user, position, order, market, how, size, oracle)


def _require_offset_known(frame: Frame, params: Any) -> None:
    """Some deployments no longer take limits that move with the oracle."""
    known = Capability.ORACLE_OFFSET_LIMIT_ORDERS in frame.deployment.declared.capabilities
    moves = params.order_type == OrderType.LIMIT and params.oracle_price_offset
    require(known or not moves, Error.INVALID_ORDER_ORACLE_OFFSET)


def _free_slot(user: User, user_order_id: int) -> Order:
    order = next((slot for slot in user.orders if slot.status == OrderStatus.INIT), None)
    if order is None:
        raise Refused(Error.MAX_ORDERS)
    if user_order_id > 0:
        used = any(other.user_order_id == user_order_id for other in user.orders)
        require(not used, Error.USER_ORDER_ID_IN_USE)
    return order


def _deadline(params: Any, auction_duration: int, now: int) -> int:
    if params.max_ts is not None:
        return int(params.max_ts)
    if params.order_type in (OrderType.MARKET, OrderType.ORACLE):
        return now + max(30, auction_duration // 2)
    return 0


def _fill_in(
    frame: Frame,
    order: Order,
    params: Any,
    market: PerpMarket,
    position: PerpPosition,
    size: int,
    auction: tuple[int, int, int],
    max_ts: int,
    user: User,
) -> None:
    tick, direction = market.order_tick_size, params.direction
    order.clear()
    order.status = OrderStatus.OPEN
    order.order_type = params.order_type
    order.market_type = params.market_type
    order.slot = frame.slot
    if frame.deployment.is_later_build:
        order.posted_slot_tail = frame.slot & 0xFF
    order.order_id = user.next_order_id
    user.next_order_id += 1
    order.user_order_id = params.user_order_id
    order.market_index = params.market_index
    order.price = _limit(params, market)
    order.existing_position_direction = position.direction
    order.base_asset_amount = size
    order.direction = direction
    order.reduce_only = bool(params.reduce_only or market.is_reduce_only)
    order.trigger_price = standardize(params.trigger_price or 0, tick, direction)
    order.trigger_condition = params.trigger_condition
    order.post_only = params.post_only != PostOnly.NONE
    order.oracle_price_offset = params.oracle_price_offset or 0
    order.immediate_or_cancel = is_immediate(params)
    order.auction_start_price, order.auction_end_price, order.auction_duration = auction
    order.max_ts = max_ts


def _limit(params: Any, market: PerpMarket) -> int:
    tick = market.order_tick_size
    price = standardize(params.price, tick, params.direction)
    if params.post_only == PostOnly.SLIDE:
        quoted = amm.quoted_price(market, amm.reserve_price(market), params.direction)
        if params.direction == Direction.LONG:
            return quoted - tick if price >= quoted else price
        return quoted + tick if price <= quoted else price
    return price


def _count_placed(
    frame: Frame,
    user: User,
    position: PerpPosition,
    order: Order,
    market: PerpMarket,
    how: Placing,
    size: int,
    oracle: int,
) -> None:
    risky = increases_risk(
        order, position.base_asset_amount, position.open_bids, position.open_asks
    )
    user.count_order(auction=order.has_auction)
    position.open_orders += 1
    if not order.must_be_triggered:
        position.change_open_interest(order.direction, size)
    if how.checks_margin:
        require_margin_to_place(frame, user, risk_increasing=risky)
    if market.is_reduce_only:
        validate_forced_reduction(order, position.base_asset_amount)
    if market.max_open_interest != 0 and risky:
        long = order.direction == Direction.LONG
        side = market.base_asset_amount_long if long else -market.base_asset_amount_short
        require(side + size <= market.max_open_interest, Error.MAX_OPEN_INTEREST)
    emit_order_action(frame, Action.PLACE, user.key, order, oracle=oracle)
    frame.emit("OrderRecord", stack=True, ts=frame.now, user=user.key, order=order)
    user.touch(frame.slot)


def emit_order_action(
    frame: Frame,
    action: Action,
    user_key: Pubkey | None,
    order: Order,
    *,
    oracle: int,
    explanation: Explanation = Explanation.NONE,
    stack: bool = True,
    as_taker: bool | None = None,
    **values: Any,
) -> None:
    """Log an OrderActionRecord about one order, as taker's unless it is post-only."""
    taker = not order.post_only if as_taker is None else as_taker
    sides = order_side("taker" if taker else "maker", user_key, order)
    frame.emit(
        "OrderActionRecord",
        stack=stack,
        ts=frame.now,
        action=action,
        action_explanation=explanation,
        market_index=order.market_index,
        market_type=order.market_type,
        oracle_price=oracle,
        **(sides | values),
    )


def order_side(side: str, key: Pubkey | None, order: Order) -> dict[str, Any]:
    """The fields by which an OrderActionRecord tells of one side's order."""
    return {
        side: key,
        f"{side}_order_id": order.order_id,
        f"{side}_order_direction": order.direction,
        f"{side}_order_base_asset_amount": order.base_asset_amount,
        f"{side}_order_cumulative_base_asset_amount_filled": order.base_asset_amount_filled,
        f"{side}_order_cumulative_quote_asset_amount_filled": order.quote_asset_amount_filled,
    }


def cancel_order(
    frame: Frame,
    user: User,
    order: Order,
    *,
    explanation: Explanation = Explanation.NONE,
    filler: Pubkey | None = None,
    filler_reward: int = 0,
) -> None:
    """Take an open order out of its slot."""
    require(order.status == OrderStatus.OPEN, Error.ORDER_NOT_OPEN)
    market = frame.perp_market(order.market_index)
    oracle = frame.oracles.price(market.oracle).price
    emit_order_action(
        frame,
        Action.CANCEL,
        user.key,
        order,
        oracle=oracle,
        explanation=explanation,
        filler=filler,
        filler_reward=filler_reward,
    )
    user.discount_order(auction=order.has_auction)
    position = user.position(order.market_index)
    if not order.must_be_triggered or order.is_triggered:
        position.change_open_interest(order.direction, -order.unfilled())
    position.open_orders -= 1
    order.reset()


def cancel_by_id(frame: Frame, user: User, order_id: int) -> None:
    """Cancel an order; an unknown id is no error."""
    order = user.find_open_order(order_id)
    if order is None:
        frame.ctx.log(f"no open order has id {order_id}")
        return
    cancel_order(frame, user, order)
    user.touch(frame.slot)


def cancel_by_user_order_id(frame: Frame, user: User, user_order_id: int) -> None:
    """Cancel the first order with this label; an unknown one is no error."""
    order = next((slot for slot in user.orders if slot.user_order_id == user_order_id), None)
    if order is None:
        frame.ctx.log(f"no order is labelled {user_order_id}")
        return
    cancel_order(frame, user, order)
    user.touch(frame.slot)


def cancel_many(
    frame: Frame,
    user: User,
    *,
    market_type: int | None = None,
    market_index: int | None = None,
    direction: int | None = None,
    explanation: Explanation = Explanation.NONE,
    filler: Pubkey | None = None,
) -> list[int]:
    """Cancel all open orders, or those of a market or direction; gives their ids."""
    cancelled = []
    for order in user.orders:
        if order.status != OrderStatus.OPEN:
            continue
        chosen = market_type is not None and market_index is not None
        if chosen and (order.market_type, order.market_index) != (market_type, market_index):
            continue
        if direction is not None and order.direction != direction:
            continue
        cancelled.append(int(order.order_id))
        cancel_order(frame, user, order, explanation=explanation, filler=filler)
    user.touch(frame.slot)
    return cancelled


def expire_orders(frame: Frame, user: User) -> None:
    """Cancel, free of charge, every order whose time is over."""
    for order in user.orders:
        if order.is_expired(frame.now):
            cancel_order(frame, user, order, explanation=Explanation.ORDER_EXPIRED)
