"""What the chain says of messages under way: the only way out of "not known yet"."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import connection
from django.utils import timezone

from chain.enums import IN_FLIGHT, SubmissionState
from chain.errors import RpcError
from chain.messages import transaction_fee
from chain.models import Submission
from chain.rpc import STATUS_BATCH, Node, SignatureStatus, rpc
from chain.services.move_submission import move_submission
from chain.services.watch_epoch import read_epoch
from chain.subjects import acts_of, subject_of
from core.bulk import recordset
from core.errors import Unavailable
from core.roles import as_sync

log = structlog.get_logger(__name__)
# Blocks beyond the last valid one, and slots beyond the one in which it was seen: a fork may still
# be catching up below that.
_SAFETY_BLOCKS = 32
# One statement for all that showed nothing new; it waits for nobody who moves one of them on. The
# database's clock says when: a worker's own that is ahead would keep the sweep from looking again.
_NOTE = """
UPDATE submissions SET checked_at = clock_timestamp(), last_proof = s.proof
FROM {seen} WHERE submissions.id = s.id
"""


@dataclass(frozen=True, slots=True)
class _Look:
    """One node's answers, its finalized height read before the statuses."""

    node: Node
    height: int
    height_slot: int
    status_slot: int
    statuses: dict[str, SignatureStatus | None]

    def says_gone(self, submission: Submission, first_block: int | None) -> bool:
        """Whether this node shows that the message is not there, and has the right to say so."""
        last_valid, signing_slot = submission.last_valid_block_height, submission.signing_slot
        if last_valid is None or signing_slot is None:
            return False
        return (
            self.statuses[submission.signature or ""] is None
            and self.height > last_valid + _SAFETY_BLOCKS
            and self.status_slot >= self.height_slot
            # A node restored from a snapshot has no history, and so no right to say "never".
            and first_block is not None
            and first_block <= signing_slot
        )

    def says_taken_back(self, submission: Submission, first_block: int | None) -> bool:
        """Whether a confirmed message is not in the final blocks of where it was seen.

        No status may also mean that the node's index of statuses is broken; its blocks tell.
        """
        slot = max(submission.landed_slot or 0, submission.last_proof.get("slot") or 0)
        signature = submission.signature or ""
        is_silent = (
            slot > 0
            and self.statuses[signature] is None
            and self.height_slot >= slot + _SAFETY_BLOCKS
            and self.status_slot >= self.height_slot
            and first_block is not None
            and first_block <= slot
        )
        try:
            return is_silent and not self.node.has_transaction(signature)
        except Unavailable:
            return False


@dataclass(slots=True)
class _Batch:
    """What is asked at most once for all messages of a batch, and only if one of them needs it."""

    look: _Look
    is_halted: bool
    _first_blocks: dict[str, int | None] = field(default_factory=dict)
    _alive: dict[tuple[str, str], bool] = field(default_factory=dict)
    _second: _Look | None = None
    _second_asked: bool = False

    def first_block(self, node: Node) -> int | None:
        if node.name not in self._first_blocks:
            try:
                self._first_blocks[node.name] = node.first_available_block()
            except Unavailable:
                self._first_blocks[node.name] = None
        return self._first_blocks[node.name]

    def is_alive(self, node: Node, submission: Submission) -> bool:
        """Whether this node says that the message's blockhash lives, or says nothing.

        How long it lives was told by the node that gave it, and one that told less would let a
        second message be signed while the first can land.
        """
        if submission.blockhash is None:
            return False
        key = (node.name, submission.blockhash)
        if key not in self._alive:
            try:
                self._alive[key] = node.blockhash_is_alive(submission.blockhash)
            except (Unavailable, RpcError):
                self._alive[key] = True
        return self._alive[key]

    def may_still_land(self, submission: Submission) -> bool:
        """Whether its bytes are worth sending again: not shown, and its blockhash alive."""
        unseen = self.look.statuses[submission.signature or ""] is None
        last_valid = submission.last_valid_block_height or 0
        return unseen and submission.state in IN_FLIGHT and self.look.height <= last_valid

    def second_look(self) -> _Look | None:
        """Another provider's answers, None if none of them answers."""
        if not self._second_asked:
            self._second_asked = True
            silent = [key for key, status in self.look.statuses.items() if status is None]
            for node in rpc().nodes_but(self.look.node):
                try:
                    self._second = _look(node, silent)
                    break
                except Unavailable:
                    continue
        return self._second


@dataclass(slots=True)
class Seen:
    """What a look over many submissions found."""

    states: dict[uuid.UUID, str] = field(default_factory=dict)
    silent: list[Submission] = field(default_factory=list)


def collect_evidence(*, submission_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Ask the chain about these submissions and move those of which it shows something.

    Confirmed is shown as such; failed and finalized only from finalized; expired only by the
    whole proof (see _proof), and never while the desk is halted after a restore. One look of few
    calls serves 256 of them. Safe any number of times, by any number of workers. Returns the
    states as they are afterwards. Raises Unavailable if no node answers.
    """
    return look_over(submission_ids=submission_ids).states


def look_over(*, submission_ids: Sequence[uuid.UUID]) -> Seen:
    """As `collect_evidence`, and tell of which the chain shows nothing while they may still land.

    Raises Unavailable if no node answers.
    """
    seen = Seen()
    for start in range(0, len(submission_ids), STATUS_BATCH):
        with as_sync():
            submissions = list(
                Submission.objects.filter(
                    pk__in=submission_ids[start : start + STATUS_BATCH], state__in=IN_FLIGHT
                )
            )
            is_halted = read_epoch().is_halted
        if submissions:
            look = _look_anywhere([submission.signature or "" for submission in submissions])
            _weigh_all(submissions, _Batch(look, is_halted), seen)
    return seen


def _weigh_all(submissions: Sequence[Submission], batch: _Batch, seen: Seen) -> None:
    notes: dict[uuid.UUID, dict[str, Any]] = {}
    for submission in submissions:
        try:
            note = _weigh(submission, batch)
        except Exception:
            # One that its subject cannot book must not keep the others unknown, nor be asked for
            # before them the next time.
            log.exception("evidence_not_booked", submission=str(submission.id))
            note = submission.last_proof
        else:
            seen.states[submission.id] = submission.state
            if batch.may_still_land(submission):
                seen.silent.append(submission)
        if note is not None:
            notes[submission.id] = note
    _note(notes)


def _look_anywhere(signatures: list[str]) -> _Look:
    refusal: Exception = Unavailable("chain.unavailable")
    for node in rpc().usable_nodes():
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


def _weigh(submission: Submission, batch: _Batch) -> dict[str, Any] | None:
    """Move it if the look shows something new; else return what to note of the look."""
    status = batch.look.statuses[submission.signature or ""]
    now = timezone.now()
    if status is None:
        proof = _proof(submission, batch)
        if proof["dead"]:
            _move(submission, SubmissionState.EXPIRED, now, last_proof=proof)
            return None
        if not _was_taken_back(submission, batch):
            return proof
        # On its way again: the same bytes may still be taken.
        proof["taken_back_from"] = submission.landed_slot
        _move(
            submission,
            SubmissionState.SENT,
            now,
            confirmed_at=None,
            landed_slot=None,
            last_proof=proof,
        )
        return None
    seen = {"slot": status.slot, "commitment": status.commitment, "node": batch.look.node.name}
    if status.commitment == "finalized":
        known: dict[str, Any] = {
            "landed_slot": status.slot,
            "fee_lamports": transaction_fee(bytes(submission.raw or b"")),
            "last_proof": seen,
        }
        if status.error is not None:
            known["error"] = {"chain": status.error}
            _move(submission, SubmissionState.FAILED, now, **known)
        else:
            _move(submission, SubmissionState.FINALIZED, now, **known)
        return None
    if (
        status.commitment == "confirmed"
        and status.error is None
        and submission.state != SubmissionState.CONFIRMED
    ):
        # An error at confirmed may be on a fork, and so ends nothing.
        _move(
            submission,
            SubmissionState.CONFIRMED,
            now,
            confirmed_at=now,
            landed_slot=status.slot,
            last_proof=seen,
        )
        return None
    return seen


def _proof(submission: Submission, batch: _Batch) -> dict[str, Any]:
    """Whether the message can never land; every condition is written down, met or not."""
    look = batch.look
    proof: dict[str, Any] = {
        "node": look.node.name,
        "finalized_height": look.height,
        "last_valid": submission.last_valid_block_height,
        "dead": False,
    }
    if "slot" in submission.last_proof:
        proof["slot"] = submission.last_proof["slot"]
    if batch.is_halted:
        return proof | {"missing": "the desk is halted until it is reconciled"}
    last_valid = submission.last_valid_block_height or 0
    if (
        look.height <= last_valid + _SAFETY_BLOCKS
        or not look.says_gone(submission, batch.first_block(look.node))
        or batch.is_alive(look.node, submission)
    ):
        return proof | {"missing": "the blockhash may still be valid, or the node cannot know"}
    if rpc().is_single:
        proof["second_provider"] = "none is configured"
    else:
        second = batch.second_look()
        if (
            second is None
            or not second.says_gone(submission, batch.first_block(second.node))
            or batch.is_alive(second.node, submission)
        ):
            return proof | {"missing": "a second provider does not agree"}
        proof["second_provider"] = "agrees"
    # What is finalized by now: a finalized read as young as the status would never be answered.
    if not _counters_stand(submission, look.height_slot):
        return proof | {"missing": "the account's counters moved without an explanation"}
    return proof | {"dead": True}


def _was_taken_back(submission: Submission, batch: _Batch) -> bool:
    """Whether a fork took a confirmation back; where there are two providers, both say so."""
    if submission.state != SubmissionState.CONFIRMED:
        return False
    look = batch.look
    if not look.says_taken_back(submission, batch.first_block(look.node)):
        return False
    if rpc().is_single:
        return True
    second = batch.second_look()
    return second is not None and second.says_taken_back(submission, batch.first_block(second.node))


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


def _move(submission: Submission, to: SubmissionState, now: datetime, **changes: Any) -> None:
    with as_sync():
        move_submission(submission, to=to, now=now, **changes)


def _note(notes: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
    if not notes:
        return
    source, text = recordset({"id": "uuid", "proof": "jsonb"}, list(notes.items()))
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(_NOTE.format(seen=source), [text])
