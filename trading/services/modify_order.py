"""Modify an order that rests at a venue, or a stop that waits for its entry."""

import uuid
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.services import find_same_intent, read_settings
from core.errors import Refused
from core.money import ZERO
from core.roles import as_user
from trading.enums import ORDER_ENDED, ChangeKind
from trading.facts import ChangeFacts
from trading.risk import check_risk, refuse
from trading.services.accounts import lock_account
from trading.services.cancel_orders import was_made
from trading.services.find_orders import find_orders
from trading.services.preview_order import as_ordered
from trading.services.read_changes import read_change
from trading.services.read_markets import find_market_row, market_facts
from trading.services.read_risk import read_risk_facts
from trading.services.send_changes import change_content, modify_in_account
from trading.services.send_orders import order_request
from trading.venues.base import Venue, VenueCapability, get_venue
from trading.wishes import ChangeWish, OrderWish, check_wish


def modify_order(
    *,
    user_id: uuid.UUID,
    channel: str,
    key: str,
    order_id: uuid.UUID,
    change: ChangeWish,
    now: datetime,
) -> ChangeFacts:
    """Change a resting order, once for this key; the venue gives it a new id.

    The changed order is judged by the same rules as a new one, but only what it adds needs
    margin. Reads the network. Raises NotFound, Refused (the venue cannot; the order has ended;
    the change does not fit it; a rule), Conflict (a change is under way, the order is not at the
    venue yet), Unavailable.
    """
    wanted = change.told()
    with as_user(user_id):
        known = find_same_intent(
            user_id=user_id, channel=channel, key=key, kind=ChangeKind.MODIFY,
            content=change_content([order_id], wanted),
        )  # fmt: skip
        if known is not None:
            return read_change(user_id=user_id, change_id=known)
        [order] = find_orders(user_id=user_id, order_ids=[order_id])
    venue = get_venue(order.deployment)
    price_age = judge_change(order=order, change=change, venue=venue, now=now)
    with as_user(user_id):
        account = lock_account(wallet_id=order.wallet_id, deployment=order.deployment)
        [order] = find_orders(user_id=user_id, order_ids=[order_id])
        # Another under the same key may have been first while this one waited for the lock.
        if not was_made(user_id=user_id, channel=channel, key=key):
            _check(order, change, venue)
        made = modify_in_account(
            account=account, venue=venue, order=order, wanted=wanted, channel=channel, key=key,
            now=now, price_age=price_age,
        )  # fmt: skip
    return read_change(user_id=user_id, change_id=made.id)


def _check(order: Any, change: ChangeWish, venue: Venue) -> None:
    if VenueCapability.MODIFY not in venue.capabilities:
        raise Refused("order.type_not_supported", type="modify", venue=venue.display_name)
    if order.status in ORDER_ENDED:
        raise Refused("order.ended_before_change")
    if not change.told():
        raise Refused("order.nothing_changes")
    for name in ("price", "trigger_price", "oracle_offset"):
        if getattr(change, name) is not None and getattr(order, name) is None:
            raise Refused("order.change_does_not_fit", field=name.replace("_", " "))
    if change.expires_at is not None and order.trigger_price is not None:
        raise Refused("order.stops_do_not_expire", type=order.order_type.replace("_", " "))
    for value in (change.size, change.price, change.trigger_price):
        if value is not None and not (value.is_finite() and value > 0):
            raise Refused("amount.not_positive")
    if change.size is not None and change.size <= order.filled_size:
        raise Refused("order.filled_beyond_change", filled=order.filled_size)


def judge_change(*, order: Any, change: ChangeWish, venue: Venue, now: datetime) -> Decimal:
    """The rules, on the order as it would be; the age of the price that it was judged on.

    Reads the network. Raises Refused, Unavailable.
    """
    _check(order, change, venue)
    user_id = order.user_id
    size = (change.size or order.size) - order.filled_size
    wish = _wish_of(order, change, size)
    check_wish(wish=wish, venue=venue)
    preferences = read_settings(user_id=user_id)
    slippage = Decimal(preferences["trading"]["default_slippage"])
    row = find_market_row(deployment=order.deployment, symbol=order.market.symbol)
    market = market_facts(row, None, now)
    request = replace(order_request(order, wallet_address=order.wallet.wallet_address), size=size)
    quote = as_ordered(
        wish=wish, quote=venue.quote(request, slippage=slippage), tick=market.tick_size
    )
    added = max(ZERO, size - (order.size - order.filled_size))
    share = added / size
    quote = replace(
        quote,
        initial_margin=quote.initial_margin * share,
        fee=quote.fee * share,
        # What rests already was allowed when it was placed.
        leverage_after=quote.leverage_after if added else ZERO,
    )
    facts = read_risk_facts(
        user_id=user_id,
        wish=wish,
        market=market,
        direction=order.direction,
        size=size,
        quote=quote,
        max_leverage=Decimal(preferences["risk_management"]["max_leverage"]),
        slippage=slippage,
        now=now,
    )
    facts = replace(facts, orders_asked=0, trades_today=0, notional_today=ZERO, orphans=0)
    refuse(check_risk(facts))
    return quote.price_age_seconds


def _wish_of(order: Any, change: ChangeWish, size: Decimal) -> OrderWish:
    return OrderWish(
        deployment=order.deployment,
        symbol=order.market.symbol,
        side=order.side,
        size=size,
        order_type=order.order_type,
        price=change.price or order.price,
        trigger_price=change.trigger_price or order.trigger_price,
        post_only=order.post_only,
        immediate_or_cancel=order.immediate_or_cancel,
        reduce_only=order.reduce_only,
        oracle_offset=(
            order.oracle_offset if change.oracle_offset is None else change.oracle_offset
        ),
    )
