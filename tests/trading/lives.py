"""Rows of an order's life: its moves, its message, and how the chain ends or keeps it."""

from django.utils import timezone

from audit.models import AuditLog
from chain.models import Submission
from chain.services.move_submission import move_submission
from core.roles import as_sync


def moves_of(row) -> set[tuple[str, str]]:
    with as_sync():
        told = AuditLog.objects.filter(resource_type="drift_orders", resource_id=str(row.pk))
        values = list(told.order_by("created_at", "id").values_list("old_values", "new_values"))
    return {
        (old["status"], new["status"])
        for old, new in values
        if old and new and "status" in old and "status" in new
    }


def message_of(subject_id) -> Submission | None:
    with as_sync():
        return Submission.objects.filter(acts__subject_id=subject_id).order_by("-attempt").first()


def end_message(subject_id, state: str) -> None:
    message = message_of(subject_id)
    assert message is not None
    with as_sync():
        move_submission(message, to=state, now=timezone.now())


def finalize(subject_id, slot: int) -> None:
    message = message_of(subject_id)
    assert message is not None
    with as_sync():
        message.acts.update(live=False)
        move_submission(message, to="finalized", now=timezone.now(), landed_slot=slot)
