"""Every move of a submission: one conditional update, its acts and subjects with it."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from audit.services import advance
from chain.enums import ENDED, MOVES, SubmissionState
from chain.models import Submission
from chain.subjects import Fate, acts_of, subject_of
from core.metrics import count_submission


def move_submission(
    submission: Submission,
    *,
    to: SubmissionState,
    now: datetime,
    expect: str | None = None,
    tell: bool = True,
    **changes: Any,
) -> bool:
    """Move `submission` in the caller's transaction and let its subjects book it.

    Returns False, with nothing written or booked, if another worker has moved it on.
    """
    was_confirmed = submission.state == SubmissionState.CONFIRMED
    if to in ENDED:
        changes.setdefault("ended_at", now)
    if not advance(submission, to=to, moves=MOVES, field="state", expect=expect, **changes):
        return False
    if to in ENDED:
        submission.acts.update(live=False)
        transaction.on_commit(partial(count_submission, end=str(to)), robust=True)
    if tell:
        fate = Fate(
            submission_id=submission.id,
            attempt=submission.attempt,
            state=to,
            signature=submission.signature,
            slot=submission.landed_slot,
            fee_lamports=submission.fee_lamports,
            error=submission.error,
            may_sign_again=_may_sign_again(submission, to, now),
            at=now,
            deadline=submission.deadline,
            was_confirmed=was_confirmed,
        )
        for act in acts_of(submission):
            subject_of(act).book(subject_id=act.subject_id, step=act.step, fate=fate)
    return True


def _may_sign_again(submission: Submission, to: SubmissionState, now: datetime) -> bool:
    """Only a proof that a second provider shares allows a new message, and only in time."""
    return (
        to == SubmissionState.EXPIRED
        and submission.last_proof.get("second_provider") == "agrees"
        and submission.deadline is not None
        and now < submission.deadline
    )
