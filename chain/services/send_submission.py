"""Send the stored bytes, and only those, to every node."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from chain.enums import IN_FLIGHT, SubmissionState
from chain.models import Submission
from chain.rpc import rpc
from chain.services.move_submission import move_submission
from core.roles import as_sync


def send_submission(*, submission_id: uuid.UUID, now: datetime) -> bool:
    """Hand the signed bytes to all nodes; safe any number of times.

    No answer of a node ends anything: what became of it is read from the chain. Returns whether
    at least one node took them.
    """
    with as_sync():
        submission = Submission.objects.get(pk=submission_id)
    return bool(send_many(submissions=[submission], now=now))


def send_many(*, submissions: Sequence[Submission], now: datetime) -> int:
    """Hand the signed bytes of many to all nodes; returns how many were taken by one at least."""
    going = [each for each in submissions if each.state in IN_FLIGHT and each.raw is not None]
    answers = rpc().send_everywhere([bytes(each.raw or b"") for each in going])
    taken = [each for each, was_taken in zip(going, answers, strict=True) if was_taken]
    if not taken:
        return 0
    with as_sync():
        keys = [each.pk for each in taken]
        Submission.objects.filter(pk__in=keys).update(broadcasts=F("broadcasts") + 1)
        for submission in Submission.objects.filter(pk__in=keys, state=SubmissionState.SIGNED):
            move_submission(submission, to=SubmissionState.SENT, now=now, sent_at=now)
    return len(taken)
