"""Put a message to be signed into the queue, in the transaction of the act it carries."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from chain.enums import Lane
from chain.models import Submission, SubmissionAct
from chain.services.watch_epoch import read_epoch
from core.errors import Conflict, Refused


@dataclass(frozen=True, slots=True)
class Act:
    """One step of one subject that the message is to carry."""

    subject_type: str
    subject_id: uuid.UUID
    step: str


def queue_submission(
    *,
    submission_id: uuid.UUID,
    wallet_id: uuid.UUID,
    acts: Sequence[Act],
    deadline: datetime,
    attempt: int = 1,
    lane: Lane = Lane.TRADING,
) -> Submission:
    """Write the submission, queued, in the caller's open transaction.

    `deadline` is by this machine's clock; where that is ahead of the database's it is set back
    by as much, so that nothing is signed later than the person was told. Raises Conflict if one
    of the acts is already on its way (the database holds that rule), and Refused while the desk
    is halted after a restore.
    """
    from chain.tasks import ask_to_submit

    mine = timezone.now()
    epoch = read_epoch()
    if epoch.is_halted:
        # The database may lack acts that are on the chain: none is begun until it is whole again.
        raise Refused("desk.halted")
    submission = Submission(
        id=submission_id,
        wallet_id=wallet_id,
        deadline=deadline - max(timedelta(0), mine - (epoch.server_time or mine)),
        attempt=attempt,
        lane=lane,
        # The sweep makes good what waits for longer than a moment: by one clock for all.
        created_at=epoch.server_time or mine,
    )
    submission.save(force_insert=True)
    rows = [
        SubmissionAct(
            submission=submission,
            instruction_index=index,
            subject_type=act.subject_type,
            subject_id=act.subject_id,
            step=act.step,
        )
        for index, act in enumerate(acts)
    ]
    try:
        with transaction.atomic():
            SubmissionAct.objects.bulk_create(rows)
    except IntegrityError as error:
        raise Conflict("submission.already_under_way") from error
    # Lost with the broker, the task is made good by the sweep.
    transaction.on_commit(lambda: ask_to_submit(submission_id, lane), robust=True)
    return submission


def time_left(*, submission_id: uuid.UUID) -> timedelta | None:
    """Until the message's deadline, by the database's clock; None without a deadline."""
    deadline = Submission.objects.values_list("deadline", flat=True).get(pk=submission_id)
    now = read_epoch().server_time or timezone.now()
    return None if deadline is None else max(timedelta(0), deadline - now)
