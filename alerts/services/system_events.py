"""What staff have to know of the desk: recorded once, told to their channel, taken up, ended."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.enums import UserRole
from accounts.models import User
from alerts.enums import EVENT_MOVES, OPEN_EVENTS, EventStatus, NotificationType, Severity
from alerts.models import OutboxMessage, SystemEvent
from alerts.services.outbox import message_of, queue_messages
from audit.services import advance, record
from core.errors import Conflict, NotAllowed, NotFound
from core.redaction import clean
from core.roles import as_admin, as_sync
from core.uuid7 import uuid7

MAY_ACKNOWLEDGE = frozenset({
    UserRole.SUPPORT, UserRole.OPS, UserRole.RISK, UserRole.FINANCE, UserRole.ADMIN,
})  # fmt: skip
SUBJECT_TYPE = "system_event"

# One statement both looks whether the news is known and writes it down: of two processes that
# bring it one makes the row. News that says nothing else than the row changes nothing.
_RECORD = """
INSERT INTO system_events AS e
  (id, event_type, severity, source, subject, message, details, status, created_at)
VALUES (%(id)s, %(event_type)s, %(severity)s, %(source)s, %(subject)s, %(message)s, %(details)s,
        'new', %(now)s)
ON CONFLICT (event_type, subject) WHERE status IN ('new', 'acknowledged')
DO UPDATE SET severity = excluded.severity, message = excluded.message, details = excluded.details
WHERE (e.severity, e.message) IS DISTINCT FROM (excluded.severity, excluded.message)
RETURNING e.id, (xmax = 0) AS is_new
"""


@dataclass(frozen=True, slots=True)
class SystemEventFacts:
    """An event as the staff's channel shows it."""

    event_type: str
    severity: str
    source: str
    message: str
    status: str
    created_at: datetime
    processed_at: datetime | None
    acknowledged_by: str


def record_system_event(
    *,
    event_type: str,
    severity: Severity,
    source: str,
    message: str,
    now: datetime,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> uuid.UUID | None:
    """Write the event down, or what it says by now if it is open already; critical ones are told.

    In a transaction of the desk's own or of staff. Returns its id, or None where all of it was
    known already.
    """
    values: dict[str, Any] = {
        "id": uuid7(), "event_type": event_type, "severity": severity.value, "source": source,
        "subject": subject, "message": message[:1000], "now": now,
        "details": json.dumps(clean(dict(details or {}))),
    }  # fmt: skip
    with as_sync():
        with connection.cursor() as cursor:
            cursor.execute(_RECORD, values)
            written = cursor.fetchone()
        if written is None:
            return None
        event_id: uuid.UUID = written[0]
        if written[1]:
            told = {"event_type": event_type, "severity": severity, "subject": subject}
            record(action="systemevent.created", resource=("system_events", event_id), new=told)
        if severity == Severity.CRITICAL:
            _tell_staff([event_id], now)
    return event_id


def resolve_system_events(*, event_type: str, subject: str = "", now: datetime) -> int:
    """What they told of is over; returns how many were open."""
    with as_sync():
        rows = list(
            SystemEvent.objects.select_for_update().filter(
                event_type=event_type, subject=subject, status__in=OPEN_EVENTS
            )
        )
        for row in rows:
            advance(
                row, to=EventStatus.RESOLVED, moves=EVENT_MOVES,
                processed_at=row.processed_at or now,
            )  # fmt: skip
        _tell_staff([row.pk for row in rows if row.severity == Severity.CRITICAL], now)
    return len(rows)


def acknowledge_system_event(*, event_id: uuid.UUID, staff_id: uuid.UUID, now: datetime) -> None:
    """A member of staff has taken it up; the log says who.

    Raises NotAllowed, NotFound, Conflict.
    """
    with as_admin():
        staff = User.objects.filter(pk=staff_id).first()
        if staff is None or not staff.is_active or staff.role not in MAY_ACKNOWLEDGE:
            raise NotAllowed("system_event.not_yours")
        row = SystemEvent.objects.filter(pk=event_id).first()
        if row is None:
            raise NotFound("system_event.not_found")
        if row.status != EventStatus.NEW or not advance(
            row, to=EventStatus.ACKNOWLEDGED, moves=EVENT_MOVES, processed_at=now,
            acknowledged_by_id=staff_id,
        ):  # fmt: skip
            raise Conflict("system_event.not_new", status=row.status)
        if row.severity == Severity.CRITICAL:
            _tell_staff([row.pk], now)


def read_system_event(*, event_id: uuid.UUID) -> SystemEventFacts:
    """The event as it stands. Raises NotFound."""
    with as_sync():
        row = SystemEvent.objects.select_related("acknowledged_by").filter(pk=event_id).first()
    if row is None:
        raise NotFound("system_event.not_found")
    return SystemEventFacts(
        event_type=row.event_type,
        severity=row.severity,
        source=row.source,
        message=row.message,
        status=row.status,
        created_at=row.created_at,
        processed_at=row.processed_at,
        acknowledged_by=str(row.acknowledged_by) if row.acknowledged_by else "",
    )


def _tell_staff(event_ids: list[uuid.UUID], now: datetime) -> None:
    """By a card of the staff's channel, which is edited as the event goes on."""
    chat_id = settings.ENVIRONMENT.telegram_staff_chat_id
    if chat_id is not None:
        queue_messages([_card_of(event_id, chat_id, now) for event_id in event_ids])


def _card_of(event_id: uuid.UUID, chat_id: int, now: datetime) -> OutboxMessage:
    return message_of(
        user_id=None, chat_id=chat_id, subject_type=SUBJECT_TYPE, subject_id=event_id, due_at=now,
        kind=NotificationType.SECURITY,
    )  # fmt: skip
