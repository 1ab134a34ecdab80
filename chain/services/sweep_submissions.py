"""Go over everything that has not ended: the net under every crash."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Q

from chain.enums import IN_FLIGHT, Lane, SubmissionState
from chain.models import Submission
from chain.services.collect_evidence import collect_evidence
from chain.services.drive_submission import drive_submission
from chain.services.send_submission import send_submission
from chain.services.sign_submission import CLAIM_LEASE, abandon_submission
from core.errors import Refused, Unavailable
from core.roles import as_sync

log = structlog.get_logger(__name__)
# Younger ones are in the hands of the task that was sent with them.
_TASK_GRACE = timedelta(seconds=2)


def sweep_submissions(*, now: datetime, limit: int = 500) -> dict[str, Any]:
    """End what is past its deadline unsigned, sign what was forgotten, rebroadcast and weigh.

    Never signs a message after its deadline. Returns counts of what it found.
    """
    late, forgotten, under_way = _open_submissions(now, limit)
    refusal = Refused("submission.deadline_passed")
    for submission_id in late:
        with _alone(submission_id):
            abandon_submission(submission_id=submission_id, claim=None, error=refusal)
    for submission_id in forgotten:
        with _alone(submission_id):
            drive_submission(submission_id=submission_id, follow=False)
    states: dict[uuid.UUID, str] = {}
    if under_way:
        try:
            states = collect_evidence(submission_ids=under_way)
        except Unavailable as error:
            log.warning("evidence_waits", submissions=len(under_way), reason=error.code)
        for submission_id in under_way:
            if states.get(submission_id, SubmissionState.SENT) in IN_FLIGHT:
                with _alone(submission_id):
                    send_submission(submission_id=submission_id, now=now)
    return {"late": len(late), "forgotten": len(forgotten), "under_way": len(under_way)}


def sign_forgotten(*, now: datetime, lane: Lane, limit: int = 100) -> dict[str, Any]:
    """Sign what the lane's task has forgotten; what is past its deadline is the sweep's to end."""
    waiting = _waiting(now) & Q(lane=lane) & (Q(deadline__isnull=True) | Q(deadline__gte=now))
    with as_sync():
        forgotten = list(
            Submission.objects.filter(waiting).order_by("id").values_list("id", flat=True)[:limit]
        )
    for submission_id in forgotten:
        with _alone(submission_id):
            drive_submission(submission_id=submission_id, follow=False)
    return {"forgotten": len(forgotten)}


@contextmanager
def _alone(submission_id: uuid.UUID) -> Iterator[None]:
    """One message that cannot be handled keeps no other waiting: this is a process's loop."""
    try:
        yield
    except Unavailable as error:
        log.warning("submission_waits", submission=str(submission_id), reason=error.code)
    except Exception:
        log.exception("submission_failed", submission=str(submission_id))


def _open_submissions(
    now: datetime, limit: int
) -> tuple[list[uuid.UUID], list[uuid.UUID], list[uuid.UUID]]:
    with as_sync():
        unsigned = list(
            Submission.objects.filter(_waiting(now))
            .order_by("id")
            .values_list("id", "deadline", "lane")[:limit]
        )
        under_way = list(
            Submission.objects.filter(state__in=IN_FLIGHT)
            .order_by("checked_at")
            .values_list("id", flat=True)[:limit]
        )
    late = [key for key, deadline, _ in unsigned if deadline is not None and deadline < now]
    # Other lanes are signed where their keys are.
    forgotten = [
        key
        for key, deadline, lane in unsigned
        if lane == Lane.TRADING and (deadline is None or deadline >= now)
    ]
    return late, forgotten, under_way


def _waiting(now: datetime) -> Q:
    return Q(state=SubmissionState.QUEUED, created_at__lt=now - _TASK_GRACE) | Q(
        state=SubmissionState.CLAIMED, claimed_at__lt=now - CLAIM_LEASE
    )
