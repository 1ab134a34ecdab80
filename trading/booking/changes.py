"""What reports do to changes of orders: their ends are what the venue shows, nothing else."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.services import end_intent, take_back_intent
from audit.services import advance
from chain.enums import ENDED, SubmissionState
from chain.models import SubmissionAct
from trading.booking.ledger import Ledger
from trading.booking.order_ids import identify_again
from trading.booking.young import note_move, terms_of
from trading.enums import (
    CHANGE_MOVES,
    CHANGE_TAKEN_BACK,
    ORDER_ENDED,
    ChangeKind,
    ChangeStatus,
    OrderStatus,
)
from trading.models import OrderChange, VenueAccount
from trading.venues.reports import AccountReport, OrderPlaced, OrderState, TransactionReport

SUBJECT = "order_change"
_ONE_MESSAGE = (ChangeKind.CANCEL, ChangeKind.MODIFY)
_PLANS = (ChangeKind.CANCEL_ALL, ChangeKind.CLOSE_ALL, ChangeKind.PANIC)
# Ends of a message that say that it did nothing.
DEAD = ENDED - {SubmissionState.FINALIZED}


def book_order_replaced(
    *,
    ledger: Ledger,
    account: VenueAccount,
    placed: OrderPlaced,
    report: TransactionReport,
    at: datetime,
) -> None:
    """A modify's message made a new order of ours: give it the new id and end the change."""
    acts = [
        act.subject_id for act in ledger.acts.get(report.signature, ())
        if act.subject_type == SUBJECT and act.step == ChangeKind.MODIFY
    ]  # fmt: skip
    if not acts:
        return
    for change in OrderChange.objects.filter(pk__in=acts):
        orders = (ledger.order(uuid.UUID(str(key))) for key in change.order_ids)
        order = next(
            (each for each in orders if each and each.venue_label == placed.order.label), None
        )
        if order is not None:
            before = terms_of(order)
            apply_modify(
                ledger=ledger, change=change, order=order, state=placed.order, slot=report.slot,
                at=at,
            )  # fmt: skip
            note_move(account=account, order=order, before=before, report=report, at=at)


def follow_account_changes(
    *, ledger: Ledger, account: VenueAccount, report: AccountReport, at: datetime
) -> None:
    """End the changes whose orders have ended, and those that have landed without effect.

    Called after the orders themselves were followed, so what their rows say is the venue's.
    """
    if account.wallet_id not in ledger.changing:
        return
    changes = OrderChange.objects.filter(
        wallet_id=account.wallet_id,
        deployment=account.deployment,
        status=ChangeStatus.PENDING,
        kind__in=_ONE_MESSAGE,
    )
    resting = {state.venue_order_id for state in report.orders}
    for change in changes:
        orders = list(ledger.venue.order_model._default_manager.filter(pk__in=change.order_ids))
        landed = landed_slot(change)
        has_landed = landed is not None and landed <= report.slot
        if change.kind == ChangeKind.CANCEL:
            _follow_cancel(change, orders, resting, has_landed=has_landed, at=at)
        elif landed is not None and has_landed:
            _follow_modify(change, orders, resting, landed=landed, at=at)


def find_replaced(
    order: Any, states: Iterable[OrderState]
) -> tuple[OrderChange, OrderState] | None:
    """The modify under way that explains why an order rests no more under the id we know.

    Where the log was cut, the account itself tells the new id, by the order's label.
    """
    change = OrderChange.objects.filter(
        wallet_id=order.wallet_id,
        deployment=order.deployment,
        kind=ChangeKind.MODIFY,
        status=ChangeStatus.PENDING,
        order_ids__contains=[str(order.id)],
    ).first()
    if change is None:
        return None
    for state in states:
        is_this = (
            state.label == order.venue_label
            and state.market_index == order.market_index
            and state.direction == order.direction
        )
        if is_this:
            return change, state
    return None


def apply_modify(
    *,
    ledger: Ledger,
    change: OrderChange,
    order: Any,
    state: OrderState,
    slot: int,
    at: datetime,
) -> None:
    """Take over what the venue holds for the order since `slot`."""
    ledger.write()
    fields: dict[str, Any] = {}
    if "expires_at" in change.wanted:
        fields["expires_at"] = state.expires_at
    if state.price is not None and "price" in change.wanted:
        fields["price"] = state.price
    for name in ("trigger_price", "oracle_offset"):
        if name in change.wanted:
            fields[name] = Decimal(change.wanted[name])
    identify_again(
        order=order,
        venue_order_id=state.venue_order_id,
        size=state.size - state.filled_size,
        at=at,
        slot=slot,
        **fields,
    )
    ledger.note_modified(order)
    end_change(change, ChangeStatus.DONE, "", at)


def end_change(change: OrderChange, to: ChangeStatus, reason: str, at: datetime) -> bool:
    """End a change and its intent, if it may still move there; `reason` is a stable code."""
    ended = advance(change, to=to, moves=CHANGE_MOVES, status_reason=reason, ended_at=at)
    if ended:
        end_intent(intent_id=change.id, executed=to == ChangeStatus.DONE, now=at)
    return ended


def landed_slot(change: OrderChange) -> int | None:
    """The slot of the change's message, once that is final: before, it may still be undone."""
    return (
        SubmissionAct.objects.filter(
            subject_type=SUBJECT,
            subject_id=change.id,
            submission__state=SubmissionState.FINALIZED,
        )
        .values_list("submission__landed_slot", flat=True)
        .first()
    )


def message_state(subject_id: uuid.UUID) -> str | None:
    """Of the last message of an act that was signed; None where none was."""
    acts = SubmissionAct.objects.filter(subject_id=subject_id).exclude(submission__signature=None)
    return acts.order_by("-submission__attempt").values_list("submission__state", flat=True).first()


def reopen_changes(
    *,
    account: VenueAccount,
    orders: Mapping[uuid.UUID, datetime],
    messages: Collection[uuid.UUID] = (),
    is_message: bool = False,
    now: datetime,
) -> None:
    """What ended by what was taken back is where its own message is.

    `orders` are those that are as they were, each since when it was otherwise; `messages` the
    changes whose own message was taken back, of which with `is_message` the caller says the end.
    """
    if not orders and not messages:
        return
    since = min(orders.values(), default=now)
    rows = OrderChange.objects.select_for_update().filter(
        Q(pk__in=messages) | Q(ended_at__gte=since),
        wallet_id=account.wallet_id,
        deployment=account.deployment,
        kind__in=_ONE_MESSAGE,
    )
    parents: set[uuid.UUID] = set()
    for change in rows.exclude(status=ChangeStatus.PENDING).order_by("pk"):
        touched = {str(key) for key, at in orders.items() if (change.ended_at or now) >= at}
        if change.pk not in messages and not touched & set(change.order_ids):
            continue
        state = message_state(change.id)
        is_dead = state in DEAD and not (is_message and change.pk in messages)
        to = ChangeStatus.NOT_EXECUTED if is_dead else ChangeStatus.PENDING
        if state is None or to == change.status:
            continue
        reason = "message.never_landed" if is_dead else ""
        ended_at = now if is_dead else None
        if advance(change, to=to, moves=CHANGE_TAKEN_BACK, status_reason=reason, ended_at=ended_at):
            take_back_intent(intent_id=change.id, is_open=not is_dead, now=now)
            parents |= {change.parent_id} if change.parent_id else set()
    reopen_plans(account=account, parents=parents, now=now)


def reopen_plans(
    *,
    account: VenueAccount,
    parents: Collection[uuid.UUID] = (),
    orders: Collection[uuid.UUID] = (),
    now: datetime,
) -> None:
    """A plan one of whose acts was taken back is not done: it is carried on, or ends as late."""
    touched = Q(pk__in=parents)
    for key in orders:
        touched |= Q(metadata__order_ids__contains=[str(key)])
    rows = OrderChange.objects.select_for_update().filter(
        touched, wallet_id=account.wallet_id, kind__in=_PLANS, status=ChangeStatus.DONE
    )
    for plan in rows.order_by("pk") if parents or orders else ():
        to = ChangeStatus.PENDING
        if advance(plan, to=to, moves=CHANGE_TAKEN_BACK, status_reason="", ended_at=None):
            take_back_intent(intent_id=plan.id, is_open=True, now=now)


def _follow_cancel(
    change: OrderChange, orders: list[Any], resting: set[str], *, has_landed: bool, at: datetime
) -> None:
    if all(order.status in ORDER_ENDED for order in orders):
        taken = {OrderStatus.CANCELLED, OrderStatus.NOT_EXECUTED}
        if not any(order.status in taken for order in orders):
            end_change(change, ChangeStatus.NOT_EXECUTED, "order.ended_before_change", at)
        else:
            end_change(change, ChangeStatus.DONE, "", at)
    elif has_landed and any(order.venue_order_id in resting for order in orders):
        end_change(change, ChangeStatus.NOT_EXECUTED, "change.no_effect", at)


def _follow_modify(
    change: OrderChange, orders: list[Any], resting: set[str], *, landed: int, at: datetime
) -> None:
    """It has landed, and the venue fails what is gone: so it was done, unless the old one rests.

    An order that was made elsewhere may have been followed to its new id already, under a label
    that is none of ours.
    """
    is_followed = any(order.metadata.get("replaced_slot") == landed for order in orders)
    if is_followed or all(order.status in ORDER_ENDED for order in orders):
        end_change(change, ChangeStatus.DONE, "", at)
    elif any(order.venue_order_id in resting for order in orders):
        end_change(change, ChangeStatus.NOT_EXECUTED, "change.no_effect", at)
