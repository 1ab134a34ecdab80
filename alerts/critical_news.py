"""From the audit log to the system events: what of its acts staff have to know at once."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from alerts.enums import Severity
from alerts.services import record_system_event, resolve_system_events
from audit.models import AuditLog
from audit.signals import event_recorded
from core.roles import Role, acting

HALTED = "desk_halted"
GATE_CLOSED = "venue_gate_closed"
DIFFERENCE = "difference_unexplained"


def connect() -> None:
    """Listen to the log; doing it again changes nothing."""
    event_recorded.connect(_note, dispatch_uid="desk.alerts.critical_news")


def _note(records: Sequence[AuditLog], **_: Any) -> None:
    """In the transaction of the change; after a person's own, whose role may not write events."""
    door = acting()
    for record in records:
        news = _NEWS.get(record.action)
        if news is None:
            continue
        if door is None or door.role is Role.USER:
            transaction.on_commit(partial(news, record), robust=True)
        else:
            news(record)


def _halted(record: AuditLog) -> None:
    reason = (record.new_values or {}).get("reason", "")
    record_system_event(
        event_type=HALTED, severity=Severity.CRITICAL, source="chain",
        message=f"The desk signs nothing: {reason}. `reconcile_after_restore` lifts the halt.",
        details={"reason": reason}, now=timezone.now(),
    )  # fmt: skip


def _resumed(_: AuditLog) -> None:
    resolve_system_events(event_type=HALTED, now=timezone.now())


def _gate_closed(record: AuditLog) -> None:
    reasons = [str(each) for each in (record.new_values or {}).get("reasons", [])]
    record_system_event(
        event_type=GATE_CLOSED, severity=Severity.CRITICAL, source="venue_gates",
        subject=str(record.resource_id),
        message=f"{str(record.resource_id).capitalize()} takes no new risk: {' '.join(reasons)}",
        details={"reasons": reasons}, now=timezone.now(),
    )  # fmt: skip


def _gate_opened(record: AuditLog) -> None:
    resolve_system_events(
        event_type=GATE_CLOSED, subject=str(record.resource_id), now=timezone.now()
    )


def _difference_changed(record: AuditLog) -> None:
    new, subject = record.new_values or {}, str(record.resource_id)
    if new.get("resolved_at"):
        resolve_system_events(event_type=DIFFERENCE, subject=subject, now=timezone.now())
    elif new.get("escalated_at"):
        record_system_event(
            event_type=DIFFERENCE, severity=Severity.CRITICAL, source="books", subject=subject,
            message=f"Books and venue still disagree: difference {subject} is staff's to explain.",
            now=timezone.now(),
        )  # fmt: skip


_NEWS = {
    "desk.halted": _halted,
    "desk.resumed": _resumed,
    "venue_gate.closed": _gate_closed,
    "venue_gate.opened": _gate_opened,
    "difference.changed": _difference_changed,
}
