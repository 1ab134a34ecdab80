"""Cancels and modifies on their way: one live change an order, one message a change."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.enums import Channel
from accounts.models import Intent
from accounts.services import read_settings, record_intent
from chain.services import Act, queue_submission
from core.errors import Conflict
from core.uuid7 import uuid7
from trading.booking.changes import end_change
from trading.booking.order_ids import identify_again
from trading.booking.orders import end_order
from trading.enums import ORDER_ENDED, ChangeKind, ChangeStatus, OrderStatus
from trading.models import OrderChange, VenueAccount
from trading.services.read_orders import latest_messages
from trading.venues.base import ModifyRequest, Venue, accepting

SUBJECT = "order_change"
DEADLINE = timedelta(seconds=60)


def cancel_in_account(
    *,
    account: VenueAccount,
    venue: Venue,
    orders: Sequence[Any],
    channel: str,
    key: str,
    now: datetime,
    parent_id: uuid.UUID | None = None,
) -> OrderChange:
    """Cancel these orders of one account, whose lock the caller holds; once for this key.

    What was never signed ends at once; the rest goes to the venue in one message. Orders that
    have ended are passed over. Raises Conflict (a change of one is under way, or one is on its
    way to the venue and not seen there yet).
    """
    if was_asked(user_id=orders[0].user_id, channel=channel, key=key):
        return _begin(account, orders, ChangeKind.CANCEL, {}, channel, key, now, parent_id)
    live = [order for order in orders if order.status not in ORDER_ENDED]
    check_free(account=account, order_ids=[order.id for order in live])
    unsent = unsent_orders(live)
    resting = [order for order in live if order.id not in unsent]
    if any(order.venue_order_id is None for order in resting):
        raise Conflict("order.not_at_venue_yet")
    change = _begin(account, orders, ChangeKind.CANCEL, {}, channel, key, now, parent_id)
    for order in live:
        if order.id in unsent:
            end_order(order, OrderStatus.NOT_EXECUTED, "order.cancelled_before_sent", now)
    if resting:
        send_change(
            change=change, venue=venue, orders=resting,
            wallet_address=orders[0].wallet.wallet_address, attempt=1, now=now,
        )  # fmt: skip
    else:
        _end_at_once(change, now)
    return change


def modify_in_account(
    *,
    account: VenueAccount,
    venue: Venue,
    order: Any,
    wanted: dict[str, str],
    channel: str,
    key: str,
    now: datetime,
    parent_id: uuid.UUID | None = None,
    price_age: Decimal | None = None,
) -> OrderChange:
    """Modify a resting order of an account whose lock the caller holds; once for this key.

    `wanted` are the fields that change, as text; `size` is the whole size; `price_age` that of the
    price by which it was judged at `now`, in seconds. A stop that waits at the desk is changed at
    once. Raises Conflict as cancel_in_account does.
    """
    if was_asked(user_id=order.user_id, channel=channel, key=key):
        return _begin(account, [order], ChangeKind.MODIFY, wanted, channel, key, now, parent_id)
    check_free(account=account, order_ids=[order.id])
    waits = order.id in unsent_orders([order], waiting=True)
    if order.venue_order_id is None and not waits:
        raise Conflict("order.not_at_venue_yet")
    change = _begin(
        account, [order], ChangeKind.MODIFY, wanted, channel, key, now, parent_id, price_age
    )
    if waits:
        for name, value in fields_of(wanted).items():
            setattr(order, name, value)
        order.save()
        _end_at_once(change, now)
        return change
    send_change(
        change=change, venue=venue, orders=[order],
        wallet_address=order.wallet.wallet_address, attempt=1, now=now,
    )  # fmt: skip
    return change


def send_change(
    *,
    change: OrderChange,
    venue: Venue,
    orders: Sequence[Any],
    wallet_address: str,
    attempt: int,
    now: datetime,
) -> None:
    """Queue the change's message; a venue with a book of its own takes it at once instead."""
    if not venue.settles_on_chain:
        _accept(change, venue, orders, wallet_address, now)
        return
    submission_id = uuid7()
    is_cancel = change.kind == ChangeKind.CANCEL
    venue.transaction_model(
        id=submission_id,
        user_id=change.user_id,
        wallet_id=change.wallet_id,
        deployment=change.deployment,
        tx_type="cancel_order" if is_cancel else "modify_order",
        order_id=orders[0].id,
        retry_count=attempt - 1,
        created_at=now,
    ).save(force_insert=True)
    queue_submission(
        submission_id=submission_id,
        wallet_id=change.wallet_id,
        acts=[Act(SUBJECT, change.id, change.kind)],
        deadline=change.deadline,
        attempt=attempt,
    )


def modify_request(*, order: Any, wanted: dict[str, str], wallet_address: str) -> ModifyRequest:
    """The change in the venue's terms: what shall remain of the order, not its whole size."""
    fields = fields_of(wanted)
    size = fields.pop("size", None)
    return ModifyRequest(
        wallet_address=wallet_address,
        market_index=order.market_index,
        venue_order_id=order.venue_order_id,
        size=None if size is None else size - order.filled_size,
        **fields,
    )


def fields_of(wanted: dict[str, str]) -> dict[str, Any]:
    """The stored text as the values of an order's columns."""
    return {
        name: datetime.fromisoformat(value) if name == "expires_at" else Decimal(value)
        for name, value in wanted.items()
    }


def unsent_orders(orders: Sequence[Any], *, waiting: bool = False) -> set[uuid.UUID]:
    """Those that no signed message carries; with `waiting`, those that none carries at all.

    The account's lock makes that last: the signing commit takes it too.
    """
    pending = [order for order in orders if order.status == OrderStatus.PENDING]
    messages = latest_messages([order.id for order in pending]) if pending else {}
    unsigned = ("abandoned",) if waiting else ("queued", "claimed", "abandoned")
    return {
        order.id
        for order in pending
        if order.venue_order_id is None
        and ((message := messages.get(order.id)) is None or message.state in unsigned)
    }


def change_content(
    order_ids: Iterable[uuid.UUID], wanted: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A change as the content of its intent: whichever way its orders were listed."""
    return {"order_ids": sorted({str(key) for key in order_ids}), **(wanted or {})}


def was_asked(*, user_id: uuid.UUID, channel: str, key: str) -> bool:
    return Intent.objects.filter(user_id=user_id, channel=channel, idempotency_key=key).exists()


def check_free(*, account: VenueAccount, order_ids: Sequence[uuid.UUID]) -> None:
    """Raises Conflict if a change of one of these orders is under way."""
    if set(map(str, order_ids)) & orders_under_change(account=account):
        raise Conflict("order.change_under_way")


def orders_under_change(*, account: VenueAccount) -> set[str]:
    """The ids of the account's orders of which a change is under way."""
    rows = OrderChange.objects.filter(
        wallet_id=account.wallet_id, deployment=account.deployment, status=ChangeStatus.PENDING
    )
    return {key for ids in rows.values_list("order_ids", flat=True) for key in ids}


def _begin(
    account: VenueAccount,
    orders: Sequence[Any],
    kind: ChangeKind,
    wanted: dict[str, str],
    channel: str,
    key: str,
    now: datetime,
    parent_id: uuid.UUID | None,
    price_age: Decimal | None = None,
) -> OrderChange:
    """The change of this key: written now, or long ago. Raises Conflict for other content."""
    first = orders[0]
    content = change_content([order.id for order in orders], wanted)
    intent, is_new = record_intent(
        intent_id=uuid7(),
        user_id=first.user_id,
        channel=channel,
        key=key,
        kind=kind,
        content=content,
        deadline=now + DEADLINE,
    )
    if not is_new:
        return OrderChange.objects.get(pk=intent.id)
    settings = read_settings(user_id=first.user_id)
    change = OrderChange(
        id=intent.id,
        user_id=first.user_id,
        wallet_id=account.wallet_id,
        deployment=account.deployment,
        kind=kind,
        order_ids=content["order_ids"],
        wanted=wanted,
        parent_id=parent_id,
        deadline=now + DEADLINE,
        created_at=now,
        metadata={
            "priority_fee_cap": settings["trading"]["priority_fee_cap"],
            "by_desk": channel == Channel.SYSTEM,
            "price_age": None if price_age is None else str(price_age),
        },
    )
    change.save(force_insert=True)
    return change


def _accept(
    change: OrderChange, venue: Venue, orders: Sequence[Any], wallet_address: str, now: datetime
) -> None:
    book = accepting(venue)
    if change.kind == ChangeKind.CANCEL:
        book.accept_cancel(
            wallet_address=wallet_address,
            venue_order_ids=[order.venue_order_id for order in orders],
            now=now,
        )
        return
    [order] = orders
    request = modify_request(order=order, wanted=change.wanted, wallet_address=wallet_address)
    accepted = book.accept_modify(request, now=now)
    remaining = order.size - order.filled_size if request.size is None else request.size
    fields = fields_of(change.wanted)
    fields.pop("size", None)
    identify_again(
        order=order,
        venue_order_id=accepted.venue_order_ids[0],
        size=remaining,
        at=now,
        **fields,
    )
    end_change(change, ChangeStatus.DONE, "", now)


def _end_at_once(change: OrderChange, now: datetime) -> None:
    end_change(change, ChangeStatus.DONE, "", now)
