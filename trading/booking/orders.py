"""What reports do to orders."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, Sum

from accounts.services import end_intent
from audit.services import advance
from chain.enums import SubmissionState
from chain.models import SubmissionAct
from core.metrics import count_order
from core.money import ZERO
from trading.booking.changes import apply_modify, find_replaced, landed_slot
from trading.booking.order_ids import change_order, filled_before, find_by_old_id, lives_of
from trading.enums import ORDER_ENDED, ORDER_MOVES, ORDER_UNSEEN, OrderStatus
from trading.models import AbstractOrder, Fill, VenueAccount
from trading.venues.base import Venue
from trading.venues.reports import AccountReport, OrderEnded, OrderPlaced, OrderState

_SUBJECT = "order"


def book_order_placed(*, venue: Venue, placed: OrderPlaced, signature: str) -> None:
    """Give our order the id that the venue made for it, found by the message that placed it."""
    acts = SubmissionAct.objects.filter(
        submission__signature=signature, subject_type=_SUBJECT
    ).values_list("subject_id", flat=True)
    order = (
        venue.order_model._default_manager.select_for_update()
        .filter(pk__in=list(acts), venue_label=placed.order.label)
        .first()
    )
    if order is not None:
        _identify(order, placed.order.venue_order_id)


def find_order(*, venue: Venue, account: VenueAccount, venue_order_id: str) -> AbstractOrder | None:
    """The row of an order of the venue's, by its present id or one that it had, locked."""
    found: AbstractOrder | None = (
        venue.order_model._default_manager.select_for_update()
        .filter(deployment=venue.deployment, account_address=account.address)
        .filter(
            Q(venue_order_id=venue_order_id) | Q(metadata__former_ids__contains=[venue_order_id])
        )
        .first()
    )
    return found or find_by_old_id(venue=venue, account=account, venue_order_id=venue_order_id)


def has_pending_twin(venue: Venue, account: VenueAccount, state: OrderState) -> bool:
    """Whether an order of ours is under way under the same label, its id not known yet."""
    pending = venue.order_model._default_manager.filter(
        wallet_id=account.wallet_id,
        deployment=venue.deployment,
        venue_label=state.label,
        venue_order_id__isnull=True,
    ).exclude(status__in=ORDER_ENDED)
    return bool(pending.exists())


def recount_order(*, order: AbstractOrder) -> None:
    """Recalculate an order from its fills, which are only ever added to."""
    sums = Fill.objects.filter(order_id=order.id).aggregate(
        size=Sum("size"), quote=Sum("quote"), fee=Sum("fee"), at=Max("filled_at")
    )
    size = _whole_size(order)
    filled = min(sums["size"] or ZERO, size)
    if filled == order.filled_size:
        return
    changes: dict[str, Any] = {
        "size": size,
        "filled_size": filled,
        "avg_fill_price": (sums["quote"] / sums["size"]).quantize(Decimal("1e-18")),
        "total_fees": sums["fee"],
        "filled_at": sums["at"],
    }
    if filled == size:
        end_order(order, OrderStatus.FILLED, "", sums["at"], **changes)
    elif order.status in (OrderStatus.PENDING, OrderStatus.OPEN, *ORDER_UNSEEN):
        _revive(order, OrderStatus.PARTIALLY_FILLED, **changes)
    else:
        change_order(order, changes)
        if order.status in ORDER_ENDED:
            end_intent(intent_id=order.id, executed=True, now=sums["at"])


def _whole_size(order: AbstractOrder) -> Decimal:
    """What the present id is to fill, and what was filled under the ids before it."""
    current = order.venue_order_id  # type: ignore[attr-defined]
    present = lives_of(order.id).get(current)
    return order.size if present is None else filled_before(order.id, current) + present


def book_order_ended(*, order: AbstractOrder, ended: OrderEnded, at: datetime) -> None:
    """The venue took the order away. What was filled of it stays filled.

    The end of an id that a modify replaced is none of the order's.
    """
    if ended.venue_order_id != order.venue_order_id:  # type: ignore[attr-defined]
        return
    to = OrderStatus.EXPIRED if ended.reason == "expired" else OrderStatus.CANCELLED
    if order.status not in ORDER_ENDED or order.status in ORDER_UNSEEN:
        end_order(order, to, ended.why, at)


def follow_account_orders(
    *,
    venue: Venue,
    account: VenueAccount,
    report: AccountReport,
    at: datetime,
) -> None:
    """Open what rests in the account, and end what the account shows to be gone.

    The history was read after the account, so it holds all up to the account's slot: a message
    that has landed by then, whose order is neither in the account nor in
    any record, was accepted and had no effect. Where a log was cut, the resting order itself
    tells its id, by its label.
    """
    resting = {order.venue_order_id: order for order in report.orders}
    rows = (
        venue.order_model._default_manager.select_for_update()
        .filter(wallet_id=account.wallet_id, deployment=venue.deployment)
        .filter(
            ~Q(status__in=ORDER_ENDED)
            | Q(status__in=ORDER_UNSEEN, venue_order_id__in=list(resting))
        )
    )
    for order in rows:
        key = order.venue_order_id
        landed = order.metadata.get("placed_slot") or _landed_slot(order.id)
        if key is None and landed is not None:
            key = _id_by_label(venue, account, order, report.orders)
        if key in resting:
            if order.status in (OrderStatus.PENDING, *ORDER_UNSEEN):
                _revive(order, OrderStatus.OPEN)
        elif landed is not None and landed <= report.slot and not _is_replaced(order, report, at):
            _end_absent(order, at)


def _is_replaced(order: AbstractOrder, report: AccountReport, at: datetime) -> bool:
    """Whether a modify explains the absence; one that is final is applied here."""
    found = find_replaced(order, report.orders)
    if found is None:
        return False
    change, state = found
    landed = landed_slot(change)
    if landed is not None and landed <= report.slot:
        apply_modify(change=change, order=order, state=state, at=at)
    return True


def _end_absent(order: AbstractOrder, at: datetime) -> None:
    known: str | None = order.venue_order_id  # type: ignore[attr-defined]
    if known is None:
        end_order(order, OrderStatus.NO_EFFECT, "venue.no_record", at)
    elif order.filled_size < order.size:
        # Its end was in a log that was cut; the account itself says that it is gone.
        end_order(order, OrderStatus.CANCELLED, "venue.gone_from_account", at)


def _id_by_label(
    venue: Venue, account: VenueAccount, order: AbstractOrder, resting: Sequence[OrderState]
) -> str | None:
    """The id of the resting order that is this one beyond doubt: anybody may use our labels."""
    for state in resting:
        is_this = (
            state.label == order.venue_label
            and state.market_index == order.market_index  # type: ignore[attr-defined]
            and state.direction == order.direction
            and state.size == order.size
        )
        if is_this and not find_order(
            venue=venue, account=account, venue_order_id=state.venue_order_id
        ):
            _identify(order, state.venue_order_id)
            return state.venue_order_id
    return None


def _landed_slot(order_id: uuid.UUID) -> int | None:
    """The slot of the order's message, once that is final: before, it may still be undone."""
    return (
        SubmissionAct.objects.filter(
            subject_type=_SUBJECT,
            subject_id=order_id,
            submission__state=SubmissionState.FINALIZED,
        )
        .values_list("submission__landed_slot", flat=True)
        .first()
    )


def _identify(order: AbstractOrder, venue_order_id: str) -> None:
    if order.venue_order_id is None:  # type: ignore[attr-defined]
        change_order(order, {"venue_order_id": venue_order_id})


def _revive(order: AbstractOrder, to: OrderStatus, **changes: Any) -> None:
    """Open, or partly filled; an end that was told of it before is taken back."""
    advance(order, to=to, moves=ORDER_MOVES, status_reason="", ended_at=None, **changes)


def end_order(
    order: AbstractOrder,
    to: OrderStatus,
    reason: str,
    at: datetime,
    *,
    expect: OrderStatus | None = None,
    **changes: Any,
) -> None:
    """End an order and its intent, if it may still move there; `reason` is a stable code."""
    if advance(
        order,
        to=to,
        moves=ORDER_MOVES,
        expect=expect,
        status_reason=reason,
        ended_at=at,
        **changes,
    ):
        end_intent(intent_id=order.id, executed=order.filled_size > 0, now=at)
        counted = partial(count_order, deployment=order.deployment, outcome=str(to))
        transaction.on_commit(counted, robust=True)
