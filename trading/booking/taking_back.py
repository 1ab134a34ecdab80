"""What was booked of a transaction that a fork took back leaves the books, once."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog

from accounts.services import end_intent, take_back_intent
from audit.services import advance
from chain.enums import SubmissionState
from chain.models import SubmissionAct
from trading.booking.changes import DEAD, message_state, reopen_changes, reopen_plans
from trading.booking.order_ids import change_order, lives_of
from trading.booking.rebuild import rebuild_positions
from trading.booking.standing import standing_of
from trading.booking.sums import Filled, read_filled
from trading.booking.young import Rewound, columns_before, find_proven, forget_final, rewind
from trading.enums import (
    ORDER_LIVE,
    ORDER_TAKEN_BACK,
    ORDER_UNSEEN,
    TRANSFER_TAKEN_BACK,
    OrderStatus,
    TransferStatus,
)
from trading.models import AccountEntry, Fill, VenueAccount, VenueTransfer
from trading.venues.base import Venue
from wallets.models import Wallet

log = structlog.get_logger(__name__)

TAKEN_BACK = "chain.taken_back"
_TRANSFERS = ("deposit", "venue_withdrawal")
_CHANGE = "order_change"
# Ends that say that nothing of the order is at the venue: no dropped transaction changes that.
_NEVER_THERE = ORDER_UNSEEN | {OrderStatus.FAILED}


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the dropped transactions had done to orders."""

    dropped: Collection[str]
    # Whose own message is one of them.
    placed: set[uuid.UUID]
    rewound: Mapping[uuid.UUID, Rewound]
    # Whether the caller itself says what becomes of what the message was for.
    is_message: bool
    now: datetime


def take_back(
    *,
    venue: Venue,
    account: VenueAccount,
    wallet: Wallet,
    dropped: Collection[str],
    markets: Mapping[int, Any],
    now: datetime,
    is_message: bool = False,
) -> bool:
    """Delete the rows of the dropped transactions and undo what they made; False for none.

    Only rows that are not final: what has been taken back is not there to be taken back again.
    Each deleted row stands whole in the audit log. Positions are made anew of what remains, orders
    are as they were before and recounted, and acts of ours go back to where their message is; with
    `is_message` what the dropped message was for is pending, and its end the caller's to say. The
    account is locked.
    """
    here = {"deployment": venue.deployment, "is_final": False, "tx_hash__in": list(dropped)}
    fills = list(Fill.objects.filter(account=account.address, **here))
    entries = list(AccountEntry.objects.filter(account=account, **here))
    own = {fill.tx_hash for fill in fills} | {entry.tx_hash for entry in entries}
    # What a final fill proves is not believed to be gone. Rows of its own are booked anew.
    proven = find_proven(account=account) - own
    forget_final(accounts=[account.pk], signatures=proven & set(dropped))
    dropped = sorted(set(dropped) - proven)
    rewound = rewind(account=account, dropped=dropped)
    if not fills and not entries and not rewound:
        return False
    touched = {fill.market_id for fill in fills}
    indexes = {entry.market_index for entry in entries}
    rows: list[Any] = [*fills, *entries]
    for row in rows:
        log.warning("taken_back", row=str(row.pk), what=str(row), tx=row.tx_hash)
        row.delete()
    for index, market in markets.items():
        if market.catalogue_id in touched or index in indexes:
            rebuild_positions(venue=venue, account=account, wallet=wallet, market=market)
    acts = list(SubmissionAct.objects.filter(submission__signature__in=dropped))
    taken = _Taken(
        dropped=dropped,
        placed={act.subject_id for act in acts if act.subject_type == "order"},
        rewound=rewound,
        is_message=is_message,
        now=now,
    )
    keys = {fill.order_id for fill in fills if fill.order_id} | taken.placed | rewound.keys()
    _take_back_orders(venue, keys, taken)
    reopen_changes(
        account=account,
        orders={key: each.since for key, each in rewound.items()},
        messages=[act.subject_id for act in acts if act.subject_type == _CHANGE],
        is_message=is_message,
        now=now,
    )
    reopen_plans(account=account, orders=keys, now=now)
    moved = {act.subject_id for act in acts if act.subject_type in _TRANSFERS}
    for transfer in VenueTransfer.objects.select_for_update().filter(pk__in=moved):
        _take_back_transfer(transfer, now)
    return True


def _take_back_orders(venue: Venue, keys: Collection[uuid.UUID], taken: _Taken) -> None:
    filled = read_filled(keys)
    rows = venue.order_model._default_manager.select_for_update().filter(pk__in=list(keys))
    for order in rows.order_by("pk"):
        log.warning("order_taken_back", order=str(order.pk), status=order.status)
        rewound = taken.rewound.get(order.id)
        changes: dict[str, Any] = columns_before(order, rewound) if rewound else {}
        changes |= _sums(filled[order.id], changes.get("size", order.size))
        size = changes["filled_size"]
        if not size and _is_unplaced(order, changes, taken):
            to = _end_of_message(order.id, taken)
            if not lives_of(order.id):
                changes["venue_order_id"] = None
        else:
            was = OrderStatus(rewound.before["status"] if rewound else order.status)
            to = standing_of(was=was, size=changes.get("size", order.size), filled=size)
        if order.status in _NEVER_THERE:
            to = OrderStatus(order.status)
        is_open = to in ORDER_LIVE
        if to == order.status:
            change_order(order, changes)
        else:
            changes |= {"status_reason": TAKEN_BACK, "ended_at": None if is_open else taken.now}
            if not advance(order, to=to, moves=ORDER_TAKEN_BACK, **changes):
                continue
        if is_open or not size:
            take_back_intent(intent_id=order.id, is_open=is_open, now=taken.now)
        else:
            end_intent(intent_id=order.id, executed=True, now=taken.now)


def _is_unplaced(order: Any, changes: Mapping[str, Any], taken: _Taken) -> bool:
    """Whether nothing is left that placed it: now, or since an earlier look and its fill stayed."""
    is_dropped = order.id in taken.placed or order.metadata.get("placed_by") in taken.dropped
    return is_dropped or changes.get("venue_order_id", order.venue_order_id) is None


def _sums(sums: Filled, whole: Decimal) -> dict[str, Any]:
    average = (sums.quote / sums.size).quantize(Decimal("1e-18")) if sums.size else None
    return {
        "filled_size": min(sums.size, whole),
        "avg_fill_price": average,
        "total_fees": sums.fee,
        "filled_at": sums.at,
    }


def _end_of_message(order_id: uuid.UUID, taken: _Taken) -> OrderStatus:
    """Where an order stands whose message left nothing: as the evidence of the message says."""
    state = message_state(order_id)
    if state is None:
        return OrderStatus.NO_EFFECT  # made elsewhere
    if state not in DEAD or (taken.is_message and order_id in taken.placed):
        return OrderStatus.PENDING
    return OrderStatus.FAILED if state == SubmissionState.FAILED else OrderStatus.NOT_EXECUTED


def _take_back_transfer(transfer: VenueTransfer, now: datetime) -> None:
    state = message_state(transfer.id)
    to = TransferStatus.SENT
    if state == SubmissionState.FAILED:
        to = TransferStatus.FAILED
    elif state in DEAD:
        to = TransferStatus.NOT_EXECUTED
    is_open = to == TransferStatus.SENT
    if advance(
        transfer, to=to, moves=TRANSFER_TAKEN_BACK, status_reason=TAKEN_BACK, booked_amount=None,
        venue_record_id="", ended_at=None if is_open else now,
    ):  # fmt: skip
        take_back_intent(intent_id=transfer.id, is_open=is_open, now=now)
