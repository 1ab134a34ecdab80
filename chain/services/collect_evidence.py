"""What the chain says of messages under way: the only way out of "not known yet"."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone

from chain.enums import IN_FLIGHT, SubmissionState
from chain.models import Submission
from chain.rpc import STATUS_BATCH, Node, SignatureStatus, rpc
from chain.services.move_submission import move_submission
from chain.subjects import acts_of, subject_of
from core.errors import Unavailable
from core.roles import as_sync

log = structlog.get_logger(__name__)
# Blocks beyond the last valid one: a fork may still be catching up below that.
_SAFETY_BLOCKS = 32


@dataclass(frozen=True, slots=True)
class _Look:
    """One node's answers, its finalized height read before the statuses."""

    node: Node
    height: int
    height_slot: int
    status_slot: int
    statuses: dict[str, SignatureStatus | None]


def collect_evidence(*, submission_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Ask the chain about these submissions and move those of which it shows something.

    Confirmed is shown as such; failed and finalized only from finalized; expired only by the
    whole proof (see _is_dead). Safe any number of times, by any number of workers. Returns the
    states as they are afterwards. Raises Unavailable if no node answers.
    """
    states: dict[uuid.UUID, str] = {}
    for start in range(0, len(submission_ids), STATUS_BATCH):
        with as_sync():
            batch = list(
                Submission.objects.filter(
                    pk__in=submission_ids[start : start + STATUS_BATCH], state__in=IN_FLIGHT
                )
            )
        if batch:
            look = _look_anywhere([submission.signature or "" for submission in batch])
            for submission in batch:
                try:
                    states[submission.id] = _weigh(submission, look)
                except Exception:
                    # One that its subject cannot book must not keep the others unknown.
                    log.exception("evidence_not_booked", submission=str(submission.id))
    return states


def _look_anywhere(signatures: list[str]) -> _Look:
    refusal: Exception = Unavailable("chain.unavailable")
    for node in rpc().nodes:
        try:
            return _look(node, signatures)
        except Unavailable as error:
            refusal = error
    raise Unavailable("chain.unavailable") from refusal


def _look(node: Node, signatures: list[str]) -> _Look:
    # The order matters: a status read before the height could be overtaken by the block itself.
    height = node.block_height("finalized")
    height_slot = node.slot("finalized")
    status_slot, statuses = node.signature_statuses(signatures, search_history=True)
    return _Look(
        node, height, height_slot, status_slot, dict(zip(signatures, statuses, strict=True))
    )


def _weigh(submission: Submission, look: _Look) -> str:
    status = look.statuses[submission.signature or ""]
    now = timezone.now()
    if status is None:
        proof = _proof(submission, look)
        if proof["dead"]:
            return _move(submission, SubmissionState.EXPIRED, now, last_proof=proof)
        _note(submission, now, proof)
        return submission.state
    seen = {"slot": status.slot, "commitment": status.commitment, "node": look.node.name}
    if status.commitment == "finalized":
        fee = _fee(submission.signature or "")
        known: dict[str, Any] = {
            "landed_slot": status.slot,
            "fee_lamports": fee,
            "last_proof": seen,
        }
        if status.error is not None:
            return _move(
                submission, SubmissionState.FAILED, now, error={"chain": status.error}, **known
            )
        return _move(submission, SubmissionState.FINALIZED, now, **known)
    if (
        status.commitment == "confirmed"
        and status.error is None
        and submission.state != SubmissionState.CONFIRMED
    ):
        # An error at confirmed may be on a fork, and so ends nothing.
        return _move(
            submission,
            SubmissionState.CONFIRMED,
            now,
            confirmed_at=now,
            landed_slot=status.slot,
            last_proof=seen,
        )
    _note(submission, now, seen)
    return submission.state


def _proof(submission: Submission, look: _Look) -> dict[str, Any]:
    """Whether the message can never land; every condition is written down, met or not."""
    proof: dict[str, Any] = {
        "node": look.node.name,
        "finalized_height": look.height,
        "last_valid": submission.last_valid_block_height,
        "dead": False,
    }
    if not _node_says_gone(submission, look):
        return proof | {"missing": "the blockhash may still be valid, or the node cannot know"}
    agreed = _second_provider_agrees(submission, look.node)
    if agreed is False:
        return proof | {"missing": "a second provider does not agree"}
    proof["second_provider"] = "none is configured" if agreed is None else "agrees"
    # What is finalized by now: a finalized read as young as the status would never be answered.
    if not _counters_stand(submission, look.height_slot):
        return proof | {"missing": "the account's counters moved without an explanation"}
    return proof | {"dead": True}


def _node_says_gone(submission: Submission, look: _Look) -> bool:
    last_valid, signing_slot = submission.last_valid_block_height, submission.signing_slot
    if last_valid is None or signing_slot is None:
        return False
    if look.height <= last_valid + _SAFETY_BLOCKS or look.status_slot < look.height_slot:
        return False
    try:
        # A node restored from a snapshot has no history, and so no right to say "never".
        return look.node.first_available_block() <= signing_slot
    except Unavailable:
        return False


def _second_provider_agrees(submission: Submission, first: Node) -> bool | None:
    others = [node for node in rpc().nodes if node is not first]
    if not others:
        return None
    for node in others:
        try:
            look = _look(node, [submission.signature or ""])
        except Unavailable:
            continue
        return look.statuses[submission.signature or ""] is None and _node_says_gone(
            submission, look
        )
    return False


def _counters_stand(submission: Submission, min_slot: int) -> bool:
    with as_sync():
        acts = acts_of(submission)
    try:
        return all(
            subject_of(act).explain_counters(
                subject_id=act.subject_id,
                counters=submission.counters,
                signature=submission.signature or "",
                min_slot=min_slot,
            )
            for act in acts
        )
    except Unavailable:
        return False


def _fee(signature: str) -> int | None:
    try:
        found = rpc().transaction(signature)
    except Unavailable:
        return None
    return int(found["meta"]["fee"]) if found and found.get("meta") else None


def _move(submission: Submission, to: SubmissionState, now: datetime, **changes: Any) -> str:
    with as_sync():
        move_submission(submission, to=to, now=now, checked_at=now, **changes)
    return submission.state


def _note(submission: Submission, now: datetime, proof: dict[str, Any]) -> None:
    with as_sync():
        Submission.objects.filter(pk=submission.pk).update(checked_at=now, last_proof=proof)
