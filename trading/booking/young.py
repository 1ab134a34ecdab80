"""What transactions did to orders while a fork may still take them back, and how it was before."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from trading.models import AbstractOrder, Fill, VenueAccount, VenueOrderId, YoungMove
from trading.venues.reports import TransactionReport

# What an order's messages, and the venue by itself, change of it beside its fills.
_TERMS = (
    "venue_order_id", "size", "price", "trigger_price", "oracle_offset", "direction",
    "reduce_only", "expires_at", "status", "status_reason", "ended_at",
)  # fmt: skip
_REPLACED = "replaced_slot"


@dataclass(slots=True)
class Rewound:
    """How an order is to be again, and since when it has been otherwise."""

    before: dict[str, Any]
    since: datetime
    ids: list[str] = field(default_factory=list)


def terms_of(order: AbstractOrder) -> dict[str, Any]:
    """The order's terms and state, as a row can keep them."""
    terms = {name: _kept(getattr(order, name)) for name in _TERMS}
    return terms | {_REPLACED: order.metadata.get(_REPLACED)}


def note_move(
    *,
    account: VenueAccount,
    order: AbstractOrder,
    before: dict[str, Any],
    report: TransactionReport,
    at: datetime,
) -> None:
    """Keep how the order was before this transaction, unless that is final or changed nothing."""
    after = terms_of(order)
    if report.finalized or after == before:
        return
    is_named_anew = after["venue_order_id"] != before["venue_order_id"]
    YoungMove(
        user_id=order.user_id,
        account=account,
        deployment=order.deployment,
        order_id=order.id,
        tx_hash=report.signature,
        slot=report.slot,
        venue_order_id=after["venue_order_id"] if is_named_anew else "",
        before=before,
        noted_at=at,
    ).save(force_insert=True)


def rewind(*, account: VenueAccount, dropped: Collection[str]) -> dict[UUID, Rewound]:
    """Order → how it was before the first of the dropped transactions that changed it.

    What came after that is undone with it: the history, if it still tells of it, is booked anew.
    The ids that the order has had since are forgotten; its row is the caller's to write.
    """
    found: dict[UUID, Rewound] = {}
    undone: list[YoungMove] = []
    for move in YoungMove.objects.filter(account=account).order_by("id"):
        if move.order_id not in found:
            if move.tx_hash not in dropped:
                continue
            found[move.order_id] = Rewound(dict(move.before), move.noted_at)
        undone.append(move)
        if move.venue_order_id:
            found[move.order_id].ids.append(move.venue_order_id)
    for order_id, rewound in found.items():
        VenueOrderId.objects.filter(order_id=order_id, venue_order_id__in=rewound.ids).delete()
    YoungMove.objects.filter(pk__in=[move.pk for move in undone]).delete()
    return found


def find_proven(*, account: VenueAccount) -> set[str]:
    """Transactions that are final, whatever nodes say: a final fill is of what they made.

    Such a fill proves the one that gave the order its id, and those that the order had before.
    """
    moves = list(YoungMove.objects.filter(account=account).order_by("-id"))
    fills = Fill.objects.filter(order_id__in={move.order_id for move in moves}, is_final=True)
    known = set(fills.values_list("order_id", "venue_order_id"))
    proven: set[str] = set()
    sure: set[UUID] = set()
    for move in moves:
        if move.venue_order_id and (move.order_id, move.venue_order_id) in known:
            sure.add(move.order_id)
        if move.order_id in sure:
            proven.add(move.tx_hash)
    return proven


def columns_before(order: AbstractOrder, rewound: Rewound) -> dict[str, Any]:
    """The order's columns, as they were, without its state."""
    fields = {column.name: column for column in order._meta.concrete_fields}
    columns: dict[str, Any] = {
        name: fields[name].to_python(rewound.before[name])
        for name in _TERMS
        if name not in ("status", "status_reason", "ended_at")
    }
    metadata = {key: value for key, value in order.metadata.items() if key != _REPLACED}
    slot = rewound.before[_REPLACED]
    columns["metadata"] = metadata if slot is None else metadata | {_REPLACED: slot}
    return columns


def forget_final(*, accounts: Iterable[UUID], signatures: Collection[str]) -> None:
    """What no fork can take back any more needs no undoing."""
    YoungMove.objects.filter(account__in=list(accounts), tx_hash__in=signatures).delete()


def _kept(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime) else value
