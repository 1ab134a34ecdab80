"""Write down a message that is on the chain and that a restored database has forgotten."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.services import record
from chain.enums import UNSIGNED, SubmissionState
from chain.messages import message_hash, read_message, transaction_fee
from chain.models import Submission
from chain.services.move_submission import move_submission
from core.roles import as_sync
from core.uuid7 import uuid7

# How long a blockhash lives, in blocks; a slot's number is never below its block's height.
_LIFE = 150
KNOWN = "known"
REMEMBERED = "remembered"
REBUILT = "rebuilt"
CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class ChainMessage:
    """A finalized message of ours as the chain keeps it; `submission_id` is what its memo says."""

    submission_id: uuid.UUID
    signature: str
    raw: bytes
    slot: int
    error: Any


def rebuild_submission(*, message: ChainMessage, wallet_id: uuid.UUID, now: datetime) -> str:
    """Bring the submission's row up to what the chain shows; harmless to repeat.

    A row that still waits gets its lost signature, and evidence ends it as any other
    ("remembered"); one that is missing altogether is written with its end ("rebuilt"). Returns
    "contradicted", with nothing written, for a row that tells of another end.
    """
    with as_sync():
        row = Submission.objects.select_for_update().filter(pk=message.submission_id).first()
        if row is None:
            _write(message, wallet_id, now)
            return REBUILT
        if row.signature == message.signature:
            return KNOWN
        if row.state not in UNSIGNED - {SubmissionState.ABANDONED}:
            return CONTRADICTED
        _remember(row, message, now)
        return REMEMBERED


def _write(message: ChainMessage, wallet_id: uuid.UUID, now: datetime) -> None:
    failed = message.error is not None
    row = Submission(
        id=message.submission_id,
        wallet_id=wallet_id,
        state=SubmissionState.FAILED if failed else SubmissionState.FINALIZED,
        landed_slot=message.slot,
        fee_lamports=transaction_fee(message.raw),
        error={"chain": message.error} if failed else None,
        ended_at=now,
        last_proof={"rebuilt_after_restore": True, "slot": message.slot},
        **_signed_values(message),
    )
    row.save(force_insert=True)
    record(
        action="submission.rebuilt",
        resource=row,
        new={"signature": message.signature, "state": row.state},
    )


def _remember(row: Submission, message: ChainMessage, now: datetime) -> None:
    if row.state == SubmissionState.QUEUED:
        Submission.objects.filter(pk=row.pk).update(
            state=SubmissionState.CLAIMED, claim=uuid7(), claimed_at=now
        )
        row.refresh_from_db()
    move_submission(
        row,
        to=SubmissionState.SIGNED,
        now=now,
        expect=SubmissionState.CLAIMED,
        claim=None,
        **_signed_values(message),
    )


def _signed_values(message: ChainMessage) -> dict[str, Any]:
    read = read_message(message.raw)
    return {
        "signature": message.signature,
        "raw": message.raw,
        "message_hash": message_hash(message.raw),
        "blockhash": read.blockhash,
        "last_valid_block_height": message.slot + _LIFE,
        "signing_slot": max(0, message.slot - _LIFE),
        "fee_payer": read.fee_payer,
    }
