"""Claim a submission and sign it: nothing leaves the house before the bytes are committed."""

import uuid
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Least, Now
from django.utils import timezone

from chain.enums import SubmissionState
from chain.errors import RpcError
from chain.messages import (
    MessagePlan,
    build_transaction,
    check_transaction,
    join_signatures,
    message_hash,
    writable_accounts,
)
from chain.models import Submission
from chain.rpc import Blockhash, rpc
from chain.services.move_submission import move_submission
from chain.services.watch_epoch import read_epoch, require_epoch
from chain.subjects import acts_of, subject_of
from core.errors import Refused, Unavailable
from core.registry import provider
from core.roles import as_sync
from core.uuid7 import uuid7

CLAIM_LEASE = timedelta(seconds=30)
_MAX_UNITS = 1_400_000
MICRO = 1_000_000  # of a lamport
_COMMIT_DURABLY = """
SELECT set_config('synchronous_commit', 'on', true)
WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""
_PRICE_FLOOR = 1_000  # micro-lamports: a fee of zero is what gets stuck


def claim_submission(*, submission_id: uuid.UUID, now: datetime) -> uuid.UUID | None:
    """Take a queued submission, or one whose worker is gone, for signing.

    Returns the fencing token, or None if another worker has it or it is past its signing.
    """
    claim = uuid7()
    free = Q(state=SubmissionState.QUEUED) | Q(
        state=SubmissionState.CLAIMED, claimed_at__lt=now - CLAIM_LEASE
    )
    with as_sync():
        taken = Submission.objects.filter(free, pk=submission_id).update(
            state=SubmissionState.CLAIMED,
            claim=claim,
            # A worker whose clock runs ahead would hold it for as long after its death.
            claimed_at=Least(now, Now()),
            updated_at=now,
        )
    return claim if taken else None


def release_claim(*, submission_id: uuid.UUID, claim: uuid.UUID, now: datetime) -> None:
    """Give a claim back, so that another try may follow at once."""
    with as_sync():
        Submission.objects.filter(
            pk=submission_id, claim=claim, state=SubmissionState.CLAIMED
        ).update(state=SubmissionState.QUEUED, claim=None, claimed_at=None, updated_at=now)


def abandon_submission(
    *, submission_id: uuid.UUID, claim: uuid.UUID | None, error: Refused
) -> bool:
    """End a submission of which nothing was ever signed."""
    now = timezone.now()
    with as_sync():
        submission = Submission.objects.get(pk=submission_id)
        if claim is not None and submission.claim != claim:
            return False
        said = {"code": error.code, "params": {k: str(v) for k, v in error.params.items()}}
        return move_submission(
            submission, to=SubmissionState.ABANDONED, now=now, error=said, claim=None
        )


def sign_submission(*, submission_id: uuid.UUID, claim: uuid.UUID) -> bool:
    """Build, check, simulate and sign the message, then commit bytes and signature.

    No transaction is open while nodes and custodian are asked. The commit happens only if the
    claim is still ours, the deadline has not passed, what the plan was judged on is not too old
    by now and the subject's guard agrees; otherwise the bytes are forgotten, which is safe, for
    nothing was sent. Returns whether it was signed.
    Raises Refused (nothing may be signed), Unavailable (ask again).
    """
    require_epoch(now=timezone.now())
    with as_sync():
        submission = Submission.objects.get(pk=submission_id)
        acts = acts_of(submission)
    plan = subject_of(acts[0]).plan(subject_id=acts[0].subject_id, submission_id=submission_id)
    memo = str(submission_id)
    limit, price = _compute_budget(plan, memo)
    blockhash = rpc().latest_blockhash()
    raw = build_transaction(
        plan=plan, memo=memo, blockhash=blockhash.value, unit_limit=limit, unit_price=price
    )
    check_transaction(raw=raw, plan=plan, memo=memo)
    signed, signature = _sign(raw, plan)
    now = timezone.now()
    # Nodes and custodian took their time; the same process's clock read both moments.
    if plan.good_until is not None and now > plan.good_until:
        raise Unavailable("submission.judged_too_long_ago")
    with as_sync():
        submission = Submission.objects.select_for_update().get(pk=submission_id)
        if submission.claim != claim or submission.state != SubmissionState.CLAIMED:
            return False
        # This machine's clock may be minutes off: nothing is signed that is late by either.
        if submission.deadline is not None and max(now, _server_time()) > submission.deadline:
            raise Refused("submission.deadline_passed")
        if read_epoch().is_halted:
            raise Unavailable("desk.not_reconciled")
        for act in acts:
            subject_of(act).guard(subject_id=act.subject_id, submission_id=submission_id, now=now)
        fee = -(-limit * price // MICRO)
        return _commit(submission, plan, blockhash, signed, signature, fee, now)


def _server_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [at] = cursor.fetchone() or [None]
    return cast(datetime, at)


def _commit(
    submission: Submission,
    plan: MessagePlan,
    blockhash: Blockhash,
    signed: bytes,
    signature: str,
    priority_fee: int,
    now: datetime,
) -> bool:
    # Whatever the server's default: a crash of it must not forget what may have been sent.
    with connection.cursor() as cursor:
        cursor.execute(_COMMIT_DURABLY)
    return move_submission(
        submission,
        to=SubmissionState.SIGNED,
        now=now,
        expect=SubmissionState.CLAIMED,
        signature=signature,
        raw=signed,
        message_hash=message_hash(signed),
        blockhash=blockhash.value,
        last_valid_block_height=blockhash.last_valid_block_height,
        signing_slot=blockhash.slot,
        fee_payer=plan.fee_payer,
        priority_fee_lamports=priority_fee,
        counters=plan.counters,
        claim=None,
    )


def _sign(raw: bytes, plan: MessagePlan) -> tuple[bytes, str]:
    copies = [
        provider("CUSTODIANS", signer.custodian).sign(
            wallet_id=signer.custody_id,
            address=signer.address,
            raw_transaction=raw,
            message_hash=message_hash(raw),
            role=signer.role,
        )
        for signer in plan.signers
    ]
    return join_signatures(copies)


def _compute_budget(plan: MessagePlan, memo: str) -> tuple[int, int]:
    """Units from a simulation, with room; the price from recent fees, within the cap.

    Raises Refused with the program's own error: what fails in simulation is not signed.
    """
    trial = build_transaction(
        plan=plan,
        memo=memo,
        blockhash="11111111111111111111111111111111",
        unit_limit=_MAX_UNITS,
        unit_price=0,
    )
    try:
        outcome = rpc().simulate(trial)
    except RpcError as error:
        raise Refused("submission.simulation_failed", message=error.message[:200]) from error
    if outcome.get("err"):
        raise Refused(
            "submission.simulation_failed",
            error=outcome["err"],
            logs=(outcome.get("logs") or [])[-6:],
        )
    limit = min(_MAX_UNITS, int(outcome.get("unitsConsumed") or 200_000) * 6 // 5 + 10_000)
    return limit, _unit_price(plan, limit)


def _unit_price(plan: MessagePlan, limit: int) -> int:
    """What a place next to the accounts that are written has cost lately, within both caps.

    Nodes show each block's lowest fee, which is often none: hence a percentile, and a floor.
    """
    environment = settings.ENVIRONMENT
    fees = sorted(rpc().recent_priority_fees(writable_accounts(plan)))
    recent = fees[len(fees) * environment.priority_fee_percentile // 100] if fees else 0
    cap = min(plan.priority_fee_cap_lamports, environment.priority_fee_cap_lamports)
    return min(max(recent, _PRICE_FLOOR), cap * MICRO // limit)
