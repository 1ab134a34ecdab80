"""Send the stored bytes, and only those, to every node."""

import uuid
from datetime import datetime

from django.db.models import F

from chain.enums import IN_FLIGHT, SubmissionState
from chain.models import Submission
from chain.rpc import rpc
from chain.services.move_submission import move_submission
from core.errors import Unavailable
from core.roles import as_sync


def send_submission(*, submission_id: uuid.UUID, now: datetime) -> bool:
    """Hand the signed bytes to all nodes; safe any number of times.

    No answer of a node ends anything: what became of it is read from the chain. Returns whether
    at least one node took them.
    """
    with as_sync():
        submission = Submission.objects.get(pk=submission_id)
    if submission.state not in IN_FLIGHT or submission.raw is None:
        return False
    taken = False
    for node in rpc().nodes:
        try:
            node.send(bytes(submission.raw))
        except Unavailable:
            continue
        taken = True
    if not taken:
        return False
    with as_sync():
        Submission.objects.filter(pk=submission_id).update(broadcasts=F("broadcasts") + 1)
        submission.refresh_from_db()
        if submission.state == SubmissionState.SIGNED:
            move_submission(submission, to=SubmissionState.SENT, now=now, sent_at=now)
    return True
