"""Go over everything that has not ended: the net under every crash."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import Q

from chain.budget import Priority, asking_as
from chain.enums import IN_FLIGHT, Lane, SubmissionState
from chain.models import Submission
from chain.rpc import STATUS_BATCH
from chain.services.collect_evidence import look_over
from chain.services.drive_submission import drive_submission
from chain.services.send_submission import send_many
from chain.services.sign_submission import CLAIM_LEASE, abandon_submission
from chain.services.watch_epoch import read_epoch
from core.errors import Refused, Unavailable
from core.roles import as_sync

log = structlog.get_logger(__name__)
# Younger ones are in the hands of the task that was sent with them.
_TASK_GRACE = timedelta(seconds=2)
# A round that takes longer goes on in the next one, with those that were looked at longest ago.
_ROUND_SECONDS = 30.0
# The look itself is the lease: what one worker has taken, no other takes in the same round. Only
# the database's clock counts, for workers' own may disagree.
_TAKE = """
UPDATE submissions SET checked_at = clock_timestamp()
WHERE id = ANY(ARRAY(
    SELECT id FROM submissions
    WHERE state NOT IN ('finalized', 'failed', 'expired', 'abandoned')
      AND state = ANY(%s) AND (checked_at IS NULL OR checked_at < %s)
    ORDER BY checked_at NULLS FIRST
    LIMIT %s
    FOR UPDATE SKIP LOCKED))
RETURNING id
"""


def sweep_submissions(
    *, now: datetime, limit: int = 500, seconds: float = _ROUND_SECONDS
) -> dict[str, Any]:
    """End what is past its deadline unsigned, sign what was forgotten, rebroadcast and weigh.

    Never signs a message after its deadline, and nothing at all while the desk is halted after a
    restore. Goes over what is under way by batches, those first that were looked at longest ago,
    for `seconds` at the most; several workers may sweep at once. Returns counts of what it found.
    """
    late, forgotten, began = _unsigned(now, limit)
    refusal = Refused("submission.deadline_passed")
    for submission_id in late:
        with _alone(submission_id):
            abandon_submission(submission_id=submission_id, claim=None, error=refusal)
    for submission_id in forgotten:
        with _alone(submission_id):
            drive_submission(submission_id=submission_id, follow=False)
    with asking_as(Priority.BACKSTOP):
        under_way = _follow_all(now, began, seconds)
    return {"late": len(late), "forgotten": len(forgotten), "under_way": under_way}


def _follow_all(now: datetime, began: datetime, seconds: float) -> int:
    until, looked_at = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        batch = _take(began)
        if not batch:
            break
        looked_at += len(batch)
        try:
            silent = look_over(submission_ids=batch).silent
        except Unavailable as error:
            # Nobody knows what became of them; their bytes may be taken all the same.
            log.warning("evidence_waits", submissions=len(batch), reason=error.code)
            with as_sync():
                silent = list(Submission.objects.filter(pk__in=batch))
        # What the chain shows needs no sending; what it is silent on may not have arrived.
        send_many(submissions=silent, now=now)
    return looked_at


def _take(began: datetime) -> list[uuid.UUID]:
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [sorted(IN_FLIGHT), began, STATUS_BATCH])
        return [key for (key,) in cursor.fetchall()]


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


def _unsigned(now: datetime, limit: int) -> tuple[list[uuid.UUID], list[uuid.UUID], datetime]:
    """What is past its deadline, what was forgotten, and the database's own time."""
    with as_sync():
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            began: datetime = cursor.fetchone()[0]
        if read_epoch().is_halted:
            # One that looks unsigned here may have been signed after the copy was made.
            return [], [], began
        unsigned = list(
            Submission.objects.filter(_waiting(now))
            .order_by("id")
            .values_list("id", "deadline", "lane")[:limit]
        )
    late = [key for key, deadline, _ in unsigned if deadline is not None and deadline < now]
    # Other lanes are signed where their keys are.
    forgotten = [
        key
        for key, deadline, lane in unsigned
        if lane == Lane.TRADING and (deadline is None or deadline >= now)
    ]
    return late, forgotten, began


def _waiting(now: datetime) -> Q:
    return Q(state=SubmissionState.QUEUED, created_at__lt=now - _TASK_GRACE) | Q(
        state=SubmissionState.CLAIMED, claimed_at__lt=now - CLAIM_LEASE
    )
