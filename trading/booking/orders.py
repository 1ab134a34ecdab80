"""What reports do to orders."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction

from accounts.services import end_intent, take_back_intent
from audit.services import advance
from core.metrics import count_order
from core.money import ZERO
from trading.booking.changes import apply_modify, find_replaced, landed_slot, reopen_changes
from trading.booking.ledger import Ledger
from trading.booking.order_ids import lives_of
from trading.booking.young import note_move, terms_of
from trading.enums import (
    ORDER_ENDED,
    ORDER_LIVE,
    ORDER_MOVES,
    ORDER_TAKEN_BACK,
    ORDER_UNSEEN,
    OrderStatus,
)
from trading.models import AbstractOrder, VenueAccount
from trading.venues.reports import (
    AccountReport,
    OrderEnded,
    OrderPlaced,
    OrderState,
    TransactionReport,
)

_SUBJECT = "order"
_GONE = "venue.gone_from_account"


def book_order_placed(
    *,
    ledger: Ledger,
    account: VenueAccount,
    placed: OrderPlaced,
    report: TransactionReport,
    at: datetime,
) -> None:
    """Give our order the id that the venue made for it, found by the message that placed it."""
    for act in ledger.acts.get(report.signature, ()):
        order = ledger.order(act.subject_id) if act.subject_type == _SUBJECT else None
        if order is not None and order.venue_label == placed.order.label:
            before = terms_of(order)
            _identify(ledger, order, placed.order.venue_order_id)
            note_move(account=account, order=order, before=before, report=report, at=at)
            return


def has_pending_twin(ledger: Ledger, account: VenueAccount, state: OrderState) -> bool:
    """Whether an order of ours is under way under the same label, its id not known yet."""
    return any(
        order.venue_label == state.label
        and order.venue_order_id is None
        and order.status not in ORDER_ENDED
        for order in ledger.orders_of(account)
    )


def recount_order(*, ledger: Ledger, order: AbstractOrder) -> None:
    """Recalculate an order from its fills, which are only ever added to."""
    sums, moves = ledger.filled(order), ledger.moves
    size = _whole_size(ledger, order)
    filled = min(sums.size, size)
    # Filled whole and not called so: something that was told of it was taken back meanwhile.
    is_open_whole = filled == size and order.status in ORDER_LIVE
    if sums.at is None or (filled == order.filled_size and not is_open_whole):
        return
    changes: dict[str, Any] = {
        "size": size,
        "filled_size": filled,
        "avg_fill_price": (sums.quote / sums.size).quantize(Decimal("1e-18")),
        "total_fees": sums.fee,
        "filled_at": sums.at,
    }
    # Of one that is filled already, a fill of an id that it had before may still be told.
    if filled == size and order.status != OrderStatus.FILLED:
        _end(ledger, order, OrderStatus.FILLED, "", sums.at, **changes)
    elif order.status in (OrderStatus.PENDING, OrderStatus.OPEN, *ORDER_UNSEEN):
        _revive(ledger, order, OrderStatus.PARTIALLY_FILLED, **changes)
    else:
        moves.change(order, changes)
        if order.status in ORDER_ENDED:
            moves.end_intent(intent_id=order.id, executed=True, at=sums.at)


def _whole_size(ledger: Ledger, order: AbstractOrder) -> Decimal:
    """What the present id is to fill, and what was filled under the ids before it."""
    whole: Decimal = order.size
    if not ledger.was_modified(order):
        return whole
    current: str = order.venue_order_id  # type: ignore[attr-defined]
    present = lives_of(order.id).get(current)
    sums = ledger.filled(order)
    return whole if present is None else sums.size - sums.under.get(current, ZERO) + present


def book_order_ended(
    *,
    ledger: Ledger,
    account: VenueAccount,
    order: AbstractOrder,
    ended: OrderEnded,
    report: TransactionReport,
    now: datetime,
) -> None:
    """The venue took the order away. What was filled of it stays filled.

    The end of an id that a modify replaced is none of the order's.
    """
    if ended.venue_order_id != order.venue_order_id:  # type: ignore[attr-defined]
        return
    to = OrderStatus.EXPIRED if ended.reason == "expired" else OrderStatus.CANCELLED
    if order.status not in ORDER_ENDED or order.status in ORDER_UNSEEN:
        before = terms_of(order)
        _end(ledger, order, to, ended.why, report.block_time or order.created_at)
        note_move(account=account, order=order, before=before, report=report, at=now)


def follow_account_orders(
    *, ledger: Ledger, account: VenueAccount, report: AccountReport, at: datetime
) -> None:
    """Open what rests in the account, and end what the account shows to be gone.

    The history was read after the account, so it holds all up to the account's slot: a message
    that has landed by then, whose order is neither in the account nor in
    any record, was accepted and had no effect. Where a log was cut, the resting order itself
    tells its id, by its label.
    """
    resting = {order.venue_order_id: order for order in report.orders}
    for order in ledger.orders_of(account):
        if order.status in ORDER_ENDED and order.venue_order_id not in resting:
            continue
        if _is_wrongly_ended(order):
            _rests_again(ledger, account, order, at)
        if order.status in ORDER_ENDED - ORDER_UNSEEN:
            continue
        key = order.venue_order_id
        landed = order.metadata.get("placed_slot") or ledger.landed_slot(order)
        if landed is not None:
            # The history may be younger than the account, and know of an id that it lacks.
            landed = max(landed, order.metadata.get("replaced_slot", 0))
        if key is None and landed is not None:
            key = _id_by_label(ledger, account, order, report.orders)
        if key in resting:
            if order.status in (OrderStatus.PENDING, *ORDER_UNSEEN):
                _revive(ledger, order, OrderStatus.OPEN)
        elif (
            landed is not None
            and landed <= report.slot
            and not _is_replaced(ledger, order, report, at)
        ):
            _end_absent(ledger, order, at)


def _is_replaced(ledger: Ledger, order: AbstractOrder, report: AccountReport, at: datetime) -> bool:
    """Whether a modify explains the absence; one that is final is applied here."""
    resting = {state.venue_order_id for state in report.orders}
    if ledger.was_modified(order) and resting & lives_of(order.id).keys():
        return True  # one that a fork has taken back: the order rests as it was before
    if order.wallet_id not in ledger.changing:
        return False
    found = find_replaced(order, report.orders)
    if found is None:
        return False
    change, state = found
    landed = landed_slot(change)
    if landed is not None and landed <= report.slot:
        apply_modify(
            ledger=ledger, change=change, order=order, state=state, slot=report.slot, at=at
        )
    return True


def _end_absent(ledger: Ledger, order: AbstractOrder, at: datetime) -> None:
    known: str | None = order.venue_order_id  # type: ignore[attr-defined]
    if order.filled_size and order.filled_size >= order.size:
        _end(ledger, order, OrderStatus.FILLED, "", order.filled_at or at)
    elif known is None and order.status in (OrderStatus.PENDING, *ORDER_UNSEEN):
        _end(ledger, order, OrderStatus.NO_EFFECT, "venue.no_record", at)
    else:
        # Its end was in a log that was cut; the account itself says that it is gone.
        _end(ledger, order, OrderStatus.CANCELLED, _GONE, at)


def _is_wrongly_ended(order: AbstractOrder) -> bool:
    """Of one that rests in the account: ended by an account alone, or filled but for a part."""
    if order.status == OrderStatus.CANCELLED:
        return order.status_reason == _GONE
    return order.status == OrderStatus.FILLED and order.filled_size < order.size


def _rests_again(ledger: Ledger, account: VenueAccount, order: AbstractOrder, at: datetime) -> None:
    """An end that a fork took back: a later account shows the order."""
    ledger.write()
    since = order.ended_at or at
    to = OrderStatus.PARTIALLY_FILLED if order.filled_size else OrderStatus.OPEN
    if advance(order, to=to, moves=ORDER_TAKEN_BACK, status_reason="", ended_at=None):
        take_back_intent(intent_id=order.id, is_open=True, now=at)
        reopen_changes(account=account, orders={order.id: since}, now=at)


def _id_by_label(
    ledger: Ledger, account: VenueAccount, order: AbstractOrder, resting: Sequence[OrderState]
) -> str | None:
    """The id of the resting order that is this one beyond doubt: anybody may use our labels."""
    for state in resting:
        is_this = (
            state.label == order.venue_label
            and state.market_index == order.market_index  # type: ignore[attr-defined]
            and state.direction == order.direction
            and state.size == order.size
        )
        if is_this and ledger.find_order(account, state.venue_order_id) is None:
            _identify(ledger, order, state.venue_order_id)
            return state.venue_order_id
    return None


def _identify(ledger: Ledger, order: AbstractOrder, venue_order_id: str) -> None:
    if order.venue_order_id is None:  # type: ignore[attr-defined]
        ledger.moves.change(order, {"venue_order_id": venue_order_id})
        ledger.keep_order(order)


def _revive(ledger: Ledger, order: AbstractOrder, to: OrderStatus, **changes: Any) -> None:
    """Open, or partly filled; an end that was told of it before is taken back."""
    ledger.moves.advance(order, to=to, status_reason="", ended_at=None, **changes)


def _end(
    ledger: Ledger,
    order: AbstractOrder,
    to: OrderStatus,
    reason: str,
    at: datetime,
    **changes: Any,
) -> None:
    """`end_order` of one under booking."""
    moves = ledger.moves
    if moves.advance(order, to=to, status_reason=reason, ended_at=at, **changes):
        moves.end_intent(intent_id=order.id, executed=order.filled_size > 0, at=at)
        _count(order, to)


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
        _count(order, to)


def _count(order: AbstractOrder, to: OrderStatus) -> None:
    counted = partial(count_order, deployment=order.deployment, outcome=str(to))
    transaction.on_commit(counted, robust=True)
