"""From the audit log to the outbox: what changes for a person is told to them."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from alerts.models import OutboxMessage
from alerts.services import message_of, queue_messages
from audit.models import AuditLog
from audit.signals import event_recorded
from core.roles import Acting, acting

# Rows of these tables have a card in the chat of whom they belong to.
CARDS = {
    "drift_orders": "order",
    "orders": "order",
    "order_changes": "change",
    "venue_transfers": "transfer",
    "withdrawals": "withdrawal",
    "incoming_transfers": "incoming",
}
_POSITIONS = {"drift_positions", "positions"}
# A card that heard nothing by its deadline has to say so; no event tells of silence.
_SILENCE = timedelta(seconds=2)


def connect() -> None:
    """Listen to the log; doing it again changes nothing."""
    event_recorded.connect(_queue, dispatch_uid="desk.alerts.outbox")


def _queue(records: Sequence[AuditLog], **_: Any) -> None:
    """In the transaction of the change, so that neither comes without the other."""
    door = acting()
    if door is not None:
        queue_messages([message for record in records for message in _messages(door, record)])


def _messages(door: Acting, record: AuditLog) -> Iterator[OutboxMessage]:
    # Staff may act on a person's rows: the card is the person's.
    user_id = door.user_id or record.user_id
    if user_id is None:
        return
    subject_type = _subject_type(record)
    if subject_type is None:
        return
    subject_id, now = uuid.UUID(record.resource_id), timezone.now()
    tell = partial(message_of, user_id=user_id, subject_type=subject_type, subject_id=subject_id)
    yield tell(due_at=now)
    deadline = _deadline(record)
    if deadline is not None and deadline > now:
        yield tell(due_at=deadline + _SILENCE)


def _subject_type(record: AuditLog) -> str | None:
    if (record.new_values or {}).get("is_quiet") is True:
        return None
    if record.resource_type in CARDS:
        return CARDS[record.resource_type]
    liquidated = (record.new_values or {}).get("status") == "liquidated"
    return "position" if record.resource_type in _POSITIONS and liquidated else None


def _deadline(record: AuditLog) -> datetime | None:
    if not record.action.endswith(".created"):
        return None
    new = record.new_values or {}
    # A resting order may expire in weeks; what is awaited is the end of its message.
    told = new.get("deadline") or new.get("expires_at")
    return parse_datetime(told) if isinstance(told, str) else None
