"""Take one submission from the queue to the chain."""

import time
import uuid

from django.utils import timezone

from chain.enums import SubmissionState
from chain.services.collect_evidence import collect_evidence
from chain.services.send_submission import send_submission
from chain.services.sign_submission import (
    abandon_submission,
    claim_submission,
    release_claim,
    sign_submission,
)
from core.errors import DeskError, Refused, Unavailable

_FOLLOW_SECONDS = 6.0
_PAUSE_SECONDS = 0.4


def drive_submission(*, submission_id: uuid.UUID, follow: bool = True) -> None:
    """Claim, sign and send; then, with `follow`, watch for its confirmation for some seconds.

    Whatever happens in between, the sweep takes it from where the database says it is.
    Raises Unavailable if it could not be signed yet; Misconfigured where an operator must look.
    """
    claim = claim_submission(submission_id=submission_id, now=timezone.now())
    if claim is None:
        return
    try:
        signed = sign_submission(submission_id=submission_id, claim=claim)
    except Refused as refusal:
        abandon_submission(submission_id=submission_id, claim=claim, error=refusal)
        return
    except DeskError:
        release_claim(submission_id=submission_id, claim=claim, now=timezone.now())
        raise
    if signed:
        send_submission(submission_id=submission_id, now=timezone.now())
        if follow:
            _follow(submission_id)


def _follow(submission_id: uuid.UUID) -> None:
    """So that a trader sees the confirmation at once and not with the next sweep."""
    until = time.monotonic() + _FOLLOW_SECONDS
    while time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
        try:
            state = collect_evidence(submission_ids=[submission_id]).get(submission_id)
        except Unavailable:
            continue
        if state not in (SubmissionState.SIGNED, SubmissionState.SENT):
            return
        send_submission(submission_id=submission_id, now=timezone.now())
