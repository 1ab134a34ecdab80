"""Orders on their way: one message for all of them, or the venue's own acceptance."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chain.services import Act, queue_submission
from core.uuid7 import uuid7
from trading.models import AbstractOrder
from trading.venues.base import OrderRequest, Venue, accepting

SUBJECT = "order"


def send_orders(
    *,
    orders: Sequence[AbstractOrder],
    wallet_address: str,
    venue: Venue,
    attempt: int,
    deadline: datetime,
    now: datetime,
) -> None:
    """Queue the message that places these orders, all or none, in the caller's transaction.

    A venue with a book of its own takes them at once instead. Raises Conflict if one of them is
    on its way already.
    """
    if not venue.settles_on_chain:
        _accept(orders, wallet_address, venue, now)
        return
    first = orders[0]
    submission_id = uuid7()
    venue.transaction_model(
        id=submission_id,
        user_id=first.user_id,
        wallet_id=first.wallet_id,
        deployment=first.deployment,
        tx_type=_transaction_type(first),
        order_id=first.id,
        amount=first.size,
        retry_count=attempt - 1,
        created_at=now,
    ).save(force_insert=True)
    queue_submission(
        submission_id=submission_id,
        wallet_id=first.wallet_id,
        acts=[Act(SUBJECT, order.id, "place") for order in orders],
        deadline=deadline,
        attempt=attempt,
    )


def order_request(
    order: Any, *, wallet_address: str, left: timedelta | None = None
) -> OrderRequest:
    """The order in the venue's terms; `left` is until when its message may be signed.

    One that is to fill at once may fill no later than that, whatever the clock of who placed it.
    """
    is_taker = order.expires_at is not None and order.expires_at == order.deadline
    return OrderRequest(
        wallet_address=wallet_address,
        market_index=order.market_index,
        order_type=order.order_type,
        direction=order.direction,
        size=order.size,
        price=order.price,
        reduce_only=order.reduce_only,
        post_only=order.post_only,
        label=order.venue_label or 0,
        expires_at=order.expires_at,
        trigger_price=order.trigger_price,
        immediate_or_cancel=order.immediate_or_cancel,
        oracle_offset=order.oracle_offset,
        expires_within=left if is_taker else None,
    )


def _accept(orders: Sequence[Any], wallet_address: str, venue: Venue, now: datetime) -> None:
    accepted = accepting(venue).accept_orders(
        [order_request(order, wallet_address=wallet_address) for order in orders], now=now
    )
    for order, venue_order_id in zip(orders, accepted.venue_order_ids, strict=True):
        order.venue_order_id = venue_order_id
        order.save(update_fields=["venue_order_id", "updated_at"])


def _transaction_type(order: Any) -> str:
    if order.order_type == "market":
        return "close_position" if order.reduce_only else "open_position"
    return "place_order"
