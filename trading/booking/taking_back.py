"""What was booked of a transaction that a fork took back leaves the books, once."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog

from accounts.services import take_back_intent
from audit.services import advance
from chain.enums import ENDED, SubmissionState
from chain.models import SubmissionAct
from trading.booking.order_ids import change_order, lives_of
from trading.booking.rebuild import rebuild_positions
from trading.booking.sums import read_filled
from trading.booking.told import Told
from trading.enums import (
    ORDER_TAKEN_BACK,
    TRANSFER_TAKEN_BACK,
    OrderStatus,
    TransferStatus,
)
from trading.models import AccountEntry, Fill, VenueTransfer
from trading.venues.base import Venue

log = structlog.get_logger(__name__)

TAKEN_BACK = "chain.taken_back"
_TRANSFERS = ("deposit", "venue_withdrawal")


def take_back(*, venue: Venue, told: Told, markets: Mapping[int, Any], now: datetime) -> bool:
    """Delete the rows of the dropped transactions and undo what they made; False for none.

    Only rows that are not final: what has been taken back is not there to be taken back again.
    Each deleted row stands whole in the audit log. Positions are made anew of what remains,
    orders recounted, and acts of ours go back to where their message is. The account is locked.
    """
    account, dropped = told.account, sorted(told.dropped)
    young = {"deployment": venue.deployment, "is_final": False, "tx_hash__in": dropped}
    fills = list(Fill.objects.filter(account=account.address, **young))
    entries = list(AccountEntry.objects.filter(account=account, **young))
    if not fills and not entries:
        return False
    touched = {fill.market_id for fill in fills}
    indexes = {entry.market_index for entry in entries}
    rows: list[Any] = [*fills, *entries]
    for row in rows:
        log.warning("taken_back", row=str(row.pk), what=str(row), tx=row.tx_hash)
        row.delete()
    for index, market in markets.items():
        if market.catalogue_id in touched or index in indexes:
            rebuild_positions(venue=venue, account=account, wallet=told.wallet, market=market)
    ours = SubmissionAct.objects.filter(submission__signature__in=dropped)
    placed = set(ours.filter(subject_type="order").values_list("subject_id", flat=True))
    moved = set(ours.filter(subject_type__in=_TRANSFERS).values_list("subject_id", flat=True))
    _take_back_orders(
        venue, {fill.order_id for fill in fills if fill.order_id} | placed, placed, told, now
    )
    for transfer in VenueTransfer.objects.select_for_update().filter(pk__in=moved):
        _take_back_transfer(transfer, now)
    return True


def _take_back_orders(
    venue: Venue,
    keys: Collection[uuid.UUID],
    placed: Collection[uuid.UUID],
    told: Told,
    now: datetime,
) -> None:
    filled = read_filled(keys)
    rows = venue.order_model._default_manager.select_for_update().filter(pk__in=list(keys))
    for order in rows.order_by("pk"):
        sums = filled[order.id]
        size = min(sums.size, order.size)
        changes: dict[str, Any] = {
            "filled_size": size,
            "avg_fill_price": (
                (sums.quote / sums.size).quantize(Decimal("1e-18")) if sums.size else None
            ),
            "total_fees": sums.fee,
            "filled_at": sums.at,
        }
        to = OrderStatus.PARTIALLY_FILLED if size else OrderStatus.OPEN
        is_unplaced = order.id in placed or order.metadata.get("placed_by") in told.dropped
        if is_unplaced and not size:
            to = _end_of_message(order.id) if order.id in placed else OrderStatus.NO_EFFECT
            if not lives_of(order.id):
                changes["venue_order_id"] = None
        elif order.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED):
            change_order(order, changes)
            if not size:
                take_back_intent(intent_id=order.id, is_open=False, now=now)
            continue
        is_open = to in (OrderStatus.PENDING, OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)
        changes |= {"status_reason": TAKEN_BACK, "ended_at": None if is_open else now}
        if advance(order, to=to, moves=ORDER_TAKEN_BACK, **changes):
            take_back_intent(intent_id=order.id, is_open=is_open, now=now)


def _end_of_message(subject_id: uuid.UUID) -> OrderStatus:
    """Where an order stands whose message left nothing: as the evidence of the message says."""
    state = _message_state(subject_id)
    if state == SubmissionState.FAILED:
        return OrderStatus.FAILED
    return OrderStatus.NOT_EXECUTED if state in ENDED else OrderStatus.PENDING


def _take_back_transfer(transfer: VenueTransfer, now: datetime) -> None:
    state = _message_state(transfer.id)
    to = TransferStatus.SENT
    if state == SubmissionState.FAILED:
        to = TransferStatus.FAILED
    elif state in ENDED:
        to = TransferStatus.NOT_EXECUTED
    is_open = to == TransferStatus.SENT
    if advance(
        transfer, to=to, moves=TRANSFER_TAKEN_BACK, status_reason=TAKEN_BACK, booked_amount=None,
        venue_record_id="", ended_at=None if is_open else now,
    ):  # fmt: skip
        take_back_intent(intent_id=transfer.id, is_open=is_open, now=now)


def _message_state(subject_id: uuid.UUID) -> str | None:
    """Of the last message of an act."""
    acts = SubmissionAct.objects.filter(subject_id=subject_id).exclude(submission__signature=None)
    return acts.order_by("-submission__attempt").values_list("submission__state", flat=True).first()
