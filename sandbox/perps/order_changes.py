"""Modifying an order, which is cancelling it and placing another."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sandbox.perps.errors import Error, require
from sandbox.perps.frame import Frame
from sandbox.perps.model import Order, User
from sandbox.perps.orders import cancel_order, place_order
from sandbox.perps.terms import PostOnly, Trigger

MUST_MODIFY = 1
EXCLUDE_PREVIOUS_FILL = 2


def modify_order(frame: Frame, user: User, order: Order | None, changes: Any) -> None:
    """Cancel an order and place it anew with changes."""
    if order is None:
        policy = changes.policy or 0
        require(not policy & MUST_MODIFY, Error.ORDER_DOES_NOT_EXIST)
        frame.ctx.log("no such order")
        return
    params = _merged(order, changes)
    cancel_order(frame, user, order)
    user.touch(frame.slot)
    if params.base_asset_amount != 0 or not (changes.policy or 0) & EXCLUDE_PREVIOUS_FILL:
        place_order(frame, user, params)


def _merged(order: Order, changes: Any) -> SimpleNamespace:
    def pick(name: str, otherwise: Any) -> Any:
        value = getattr(changes, name)
        return otherwise if value is None else value

    waiting = Trigger.ABOVE
    if order.trigger_condition in (Trigger.BELOW, Trigger.TRIGGERED_BELOW):
        waiting = Trigger.BELOW
    size = pick("base_asset_amount", order.unfilled())
    excludes = (changes.policy or 0) & EXCLUDE_PREVIOUS_FILL
    if excludes and changes.base_asset_amount is not None:
        size = max(size - order.base_asset_amount_filled, 0)
    auction = (
        changes.auction_duration,
        changes.auction_start_price,
        changes.auction_end_price,
    )
    if None in auction:
        auction = (None, None, None)
    return SimpleNamespace(
        order_type=order.order_type,
        market_type=order.market_type,
        direction=pick("direction", order.direction),
        user_order_id=order.user_order_id,
        base_asset_amount=size,
        price=pick("price", order.price),
        market_index=order.market_index,
        reduce_only=pick("reduce_only", order.reduce_only),
        post_only=pick("post_only", PostOnly.MUST if order.post_only else PostOnly.NONE),
        immediate_or_cancel=False,
        max_ts=pick("max_ts", order.max_ts),
        trigger_price=pick("trigger_price", order.trigger_price),
        trigger_condition=pick("trigger_condition", waiting),
        oracle_price_offset=pick("oracle_price_offset", order.oracle_price_offset),
        auction_duration=auction[0],
        auction_start_price=auction[1],
        auction_end_price=auction[2],
    )
