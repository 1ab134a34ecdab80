"""What a submission is about: the side of it that a higher room answers for."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from chain.messages import MessagePlan
from chain.models import Submission, SubmissionAct
from core.registry import provider


@dataclass(frozen=True, slots=True)
class Fate:
    """How a submission stands now, as its subject is told."""

    submission_id: uuid.UUID
    attempt: int
    state: str
    signature: str | None
    slot: int | None
    fee_lamports: int | None
    error: dict[str, Any] | None
    # Whether the proof that it is dead suffices for a new message of the same act.
    may_sign_again: bool
    at: datetime
    # Past it no other message of the same act is signed either.
    deadline: datetime | None = None
    # It had been confirmed before it moved to where it is now.
    was_confirmed: bool = False


class SubmissionSubject(Protocol):
    """Builds the message of an act, guards its signing, and books what becomes of it."""

    def plan(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID) -> MessagePlan:
        """What to sign. Reads the network; no transaction is open. Raises Refused, Unavailable."""
        ...

    def guard(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID, now: datetime) -> None:
        """Last look inside the signing commit: freeze, trading state, limits. Raises Refused."""
        ...

    def book(self, *, subject_id: uuid.UUID, step: str, fate: Fate) -> None:
        """Follow the submission, inside the transaction that moved it; any number of times."""
        ...

    def explain_counters(self, *, subject_id: uuid.UUID, counters: dict[str, Any],
                         signature: str, min_slot: int) -> bool:  # fmt: skip
        """Whether the venue account shows that the message did nothing: its counters stand as
        before signing, or other known signatures explain the change. Reads the network."""
        ...


def subject_of(act: SubmissionAct) -> SubmissionSubject:
    """Who answers for an act. Raises Misconfigured for a type that nobody answers for."""
    subject: SubmissionSubject = provider("SUBMISSION_SUBJECTS", act.subject_type)
    return subject


def acts_of(submission: Submission) -> list[SubmissionAct]:
    return list(submission.acts.order_by("instruction_index"))
