"""Instructions that place, change, cancel, trigger and fill orders."""

from __future__ import annotations

from sandbox.perps import amm
from sandbox.perps.accounts_handlers import require_may_trade, require_own_stats
from sandbox.perps.errors import Error, require
from sandbox.perps.fills import fill_order
from sandbox.perps.frame import Frame
from sandbox.perps.funding import settle_funding
from sandbox.perps.funding_rates import update_funding_rate
from sandbox.perps.order_changes import modify_order
from sandbox.perps.orders import (
    Placing,
    cancel_by_id,
    cancel_by_user_order_id,
    cancel_many,
    is_immediate,
    place_order,
)
from sandbox.perps.terms import MarketKind, OrderStatus, Paused, PostOnly

MOST_ORDERS = 32


def _open(frame: Frame) -> None:
    require_may_trade(frame)
    frame.require_not_paused(Paused.ALL)
    frame.load_maps()


def place_perp_order(frame: Frame) -> None:
    _open(frame)
    require(not is_immediate(frame.args.params), Error.INVALID_ORDER_IOC)
    place_order(frame, frame.views["user"], frame.args.params)


def place_orders(frame: Frame) -> None:
    """Place several orders; margin is checked on the last alone."""
    _open(frame)
    orders = frame.args.params
    require(len(orders) <= MOST_ORDERS, Error.DEFAULT)
    for at, params in enumerate(orders):
        require(not is_immediate(params), Error.INVALID_ORDER_IOC)
        require(params.market_type == MarketKind.PERP, Error.INVALID_ORDER_MARKET_TYPE)
        how = Placing(expires_others=at == 0, checks_margin=at == len(orders) - 1)
        place_order(frame, frame.views["user"], params, how)


def cancel_order(frame: Frame) -> None:
    """Cancel by id; without one, the order placed last."""
    _open(frame)
    user, order_id = frame.views["user"], frame.args.order_id
    cancel_by_id(frame, user, user.last_order_id if order_id is None else order_id)


def cancel_order_by_user_id(frame: Frame) -> None:
    _open(frame)
    cancel_by_user_order_id(frame, frame.views["user"], frame.args.user_order_id)


def cancel_orders(frame: Frame) -> None:
    _open(frame)
    args = frame.args
    cancel_many(
        frame,
        frame.views["user"],
        market_type=args.market_type,
        market_index=args.market_index,
        direction=args.direction,
    )


def cancel_orders_by_ids(frame: Frame) -> None:
    _open(frame)
    for order_id in frame.args.order_ids:
        cancel_by_id(frame, frame.views["user"], order_id)


def modify_order_by_id(frame: Frame) -> None:
    _open(frame)
    user, order_id = frame.views["user"], frame.args.order_id
    order = user.find_open_order(user.last_order_id if order_id is None else order_id)
    modify_order(frame, user, order, frame.args.modify_order_params)


def modify_order_by_user_id(frame: Frame) -> None:
    _open(frame)
    user, label = frame.views["user"], frame.args.user_order_id
    order = next(
        (
            slot
            for slot in user.orders
            if slot.user_order_id == label and slot.status == OrderStatus.OPEN
        ),
        None,
    )
    modify_order(frame, user, order, frame.args.modify_order_params)


def place_and_take_perp_order(frame: Frame) -> None:
    """Place an order and fill it at once as far as it goes; the rest stays unless IOC."""
    require_may_trade(frame)
    require_own_stats(frame, "user", "user_stats")
    frame.require_not_paused(Paused.FILL)
    args, user, stats = frame.args, frame.views["user"], frame.views["user_stats"]
    frame.load_maps(perp=args.params.market_index)
    require(args.params.post_only == PostOnly.NONE, Error.INVALID_ORDER_POST_ONLY)
    frame.load_users()
    market = frame.perp_market(args.params.market_index)
    amm.update_amm(frame, market)
    place_order(frame, user, args.params)
    order_id = user.last_order_id
    filled = fill_order(frame, order_id, user, stats, user, stats, taking=True)
    if is_immediate(args.params) and user.find_order(order_id) is not None:
        cancel_by_id(frame, user, order_id)
    condition = (getattr(args, "success_condition", None) or 0) & 0xFF
    if condition:
        whole = filled >= args.params.base_asset_amount
        met = filled > 0 if condition == 1 else whole
        require(met, Error.PLACE_AND_TAKE_CONDITION_FAILED)


def fill_perp_order(frame: Frame) -> None:
    """A keeper fills a user's order; an order that is gone is no error."""
    require_may_trade(frame, "filler")
    require_own_stats(frame, "filler", "filler_stats")
    require_own_stats(frame, "user", "user_stats")
    frame.require_not_paused(Paused.FILL)
    user, order_id = frame.views["user"], frame.args.order_id
    order_id = user.last_order_id if order_id is None else order_id
    order = user.find_order(order_id)
    if order is None:
        frame.ctx.log(f"no order has id {order_id}")
        return
    frame.load_maps(perp=order.market_index)
    frame.load_users()
    amm.update_amm(frame, frame.perp_market(order.market_index))
    views = frame.views
    fill_order(frame, order_id, user, views["user_stats"], views["filler"], views["filler_stats"])


def update_funding_rate_of_market(frame: Frame) -> None:
    """Anyone may set the hour's funding rate once it is due."""
    market = frame.views["perp_market"]
    frame.require_not_paused(Paused.FUNDING)
    key, account = frame.key("oracle"), frame.account("oracle")
    require(market.oracle == key, Error.INVALID_ORACLE)
    lazer = account.owner == frame.deployment.program_id
    frame.oracles.raw[key] = (bytes(account.data), lazer)
    amm.update_amm(frame, market)
    require(update_funding_rate(frame, market), Error.FUNDING_WAS_NOT_UPDATED)


def settle_funding_payment(frame: Frame) -> None:
    """Settle the funding of all positions of an account."""
    frame.require_not_paused(Paused.FUNDING)
    frame.load_maps()
    user = frame.views["user"]
    for position in user.perp_positions:
        if position.base_asset_amount != 0:
            settle_funding(frame, user, frame.perp_market(position.market_index))
    user.touch(frame.slot)
