"""A withdrawal to an address as the subject of a message."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.db import transaction
from django.utils import timezone

from accounts.enums import TradingState, UserStatus
from accounts.services import end_intent, refuse_if_locked
from audit.services import advance, record
from chain.enums import SubmissionState
from chain.messages import MessagePlan, Signer, transaction_fee
from chain.models import Submission
from chain.rpc import rpc
from chain.services import read_landed
from chain.subjects import Fate
from core.errors import Refused, Unavailable
from core.roles import as_sync
from wallets.custody.base import SignerRole
from wallets.enums import WITHDRAWAL_MOVES, IncomingStatus, WithdrawalStatus
from wallets.facts import WalletFacts
from wallets.models import IncomingTransfer, Withdrawal
from wallets.services.end_withdrawal import give_up
from wallets.services.preview_withdrawal import (
    PRIORITY_FEE_CAP_LAMPORTS,
    Target,
    read_chain_facts,
)
from wallets.services.release_withdrawals import message_ids, queue_message
from wallets.tokens import LAMPORTS
from wallets.transfers import plan_sol, plan_token

_S = WithdrawalStatus
_OPEN = (_S.QUEUED, _S.SENT, _S.CONFIRMED)
# One page of signatures: what a node gives at most.
_RECENT = 1000


class WithdrawalSubject:
    """Builds the one transfer of a withdrawal and follows it; the chain's own record ends it."""

    @classmethod
    def from_settings(cls, key: str) -> Self:  # noqa: ARG003
        return cls()

    def plan(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID) -> MessagePlan:
        with as_sync():
            row = _load(subject_id)
        if row.status not in _OPEN or row.sent_amount is None:
            raise Refused("withdrawal.no_longer_open", status=row.status)
        wallet: Any = row.wallet
        _refuse_what_landed(row, wallet.wallet_address, submission_id)
        target = Target(row.to_address, row.token_symbol, row.token_mint, None)
        seen = read_chain_facts(wallet=_facts(wallet), target=target)
        if seen.mint is None:
            lamports = _units(row.sent_amount, LAMPORTS)
            made = plan_sol(wallet=wallet.wallet_address, to=row.to_address, lamports=lamports)
        else:
            made = plan_token(
                wallet=wallet.wallet_address,
                to=row.to_address,
                mint=seen.mint,
                units=_units(row.sent_amount, 10**seen.mint.decimals),
            )
        return MessagePlan(
            fee_payer=wallet.wallet_address,
            signers=(
                Signer(
                    wallet.wallet_address,
                    wallet.wallet_type,
                    wallet.privy_wallet_id or "",
                    role=SignerRole.WITHDRAWAL,
                ),
            ),
            instructions=made.instructions,
            allowed=made.allowed,
            counters={},
            priority_fee_cap_lamports=PRIORITY_FEE_CAP_LAMPORTS,
        )

    def guard(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID, now: datetime) -> None:  # noqa: ARG002
        row = _load_locked(subject_id)
        user: Any = row.user
        if row.status not in _OPEN:
            raise Refused("withdrawal.no_longer_open", status=row.status)
        if user.status != UserStatus.ACTIVE:
            raise Refused("withdrawal.not_active", status=user.status)
        if user.frozen_at is not None or user.trading_state != TradingState.ACTIVE:
            raise Refused("withdrawal.frozen")
        refuse_if_locked(user_id=row.user_id, now=now)
        if row.incoming_id is None and (row.address is None or row.address.removed_at is not None):
            raise Refused("withdrawal.address_removed")

    def book(self, *, subject_id: uuid.UUID, step: str, fate: Fate) -> None:  # noqa: ARG002
        row = _load_locked(subject_id)
        state = SubmissionState(fate.state)
        under_way = {SubmissionState.SENT: _S.SENT, SubmissionState.CONFIRMED: _S.CONFIRMED}
        if state in under_way:
            advance(row, to=under_way[state], moves=WITHDRAWAL_MOVES, tx_hash=fate.signature or "")
        elif state == SubmissionState.FINALIZED:
            _finish(row, fate)
        elif state == SubmissionState.FAILED:
            give_up(row, to=_S.FAILED, reason="chain.failed", now=fate.at)
        elif state in (SubmissionState.EXPIRED, SubmissionState.ABANDONED):
            _never_landed(row, fate)
        record(
            action=f"withdrawal.message_{fate.state}",
            resource=row,
            new={"submission": str(fate.submission_id), "signature": fate.signature},
            user_id=row.user_id,
        )

    def explain_counters(
        self,
        *,
        subject_id: uuid.UUID,
        counters: dict[str, Any],  # noqa: ARG002
        signature: str,
        min_slot: int,
    ) -> bool:
        """A wallet has no counter of its own: its whole history since the signing tells."""
        with as_sync():
            row = _load(subject_id)
            signed_at = Submission.objects.values_list("signing_slot", flat=True).get(
                signature=signature
            )
        wallet: Any = row.wallet
        recent = rpc().signatures_for(
            wallet.wallet_address, until=None, limit=_RECENT, min_slot=min_slot
        )
        reaches_back = len(recent) < _RECENT or recent[-1]["slot"] < (signed_at or 0)
        return reaches_back and signature not in {entry["signature"] for entry in recent}


def _refuse_what_landed(row: Withdrawal, address: str, submission_id: uuid.UUID) -> None:
    """Books that were set back may not know what was sent: the memo on the chain does.

    Raises Refused when this message has landed, or another attempt of it, having booked it;
    Unavailable while a node shows it and it is not final.
    """
    memos = [str(each) for each in (submission_id, *message_ids(row.pk))]
    for entry in rpc().signatures_for(address, until=None, limit=_RECENT):
        memo = entry.get("memo") or ""
        if entry.get("err") is not None or not any(each in memo for each in memos):
            continue
        landed = read_landed(signature=entry["signature"], signer=address)
        if landed is None:
            continue  # anyone can write that memo beside the wallet's address
        if entry.get("confirmationStatus") != "finalized":
            raise Unavailable("withdrawal.not_final_yet")
        now = timezone.now()
        with as_sync():
            locked = _load_locked(row.pk)
            if advance(
                locked,
                to=_S.FINALIZED,
                moves=WITHDRAWAL_MOVES,
                tx_hash=entry["signature"],
                fee_lamports=transaction_fee(landed.raw),
                status_reason="withdrawal.found_on_chain",
                ended_at=now,
            ):
                end_intent(intent_id=row.pk, executed=True, now=now)
                if locked.incoming_id is not None:
                    _note_returned(locked.incoming_id)
        raise Refused("withdrawal.found_on_chain", signature=entry["signature"])


def _finish(row: Withdrawal, fate: Fate) -> None:
    from wallets.tasks import refresh

    if not advance(
        row,
        to=_S.FINALIZED,
        moves=WITHDRAWAL_MOVES,
        tx_hash=fate.signature or "",
        fee_lamports=fate.fee_lamports,
        ended_at=fate.at,
    ):
        return
    end_intent(intent_id=row.pk, executed=True, now=fate.at)
    if row.incoming_id is not None:
        _note_returned(row.incoming_id)
    wallet_id = str(row.wallet_id)
    transaction.on_commit(lambda: refresh.delay(wallet_id), robust=True)


def _note_returned(incoming_id: uuid.UUID) -> None:
    incoming = IncomingTransfer.objects.get(pk=incoming_id)
    if incoming.status != IncomingStatus.RETURNED:
        incoming.status = IncomingStatus.RETURNED
        incoming.save(update_fields=["status"])


def _never_landed(row: Withdrawal, fate: Fate) -> None:
    if row.status not in _OPEN:
        return
    if fate.may_sign_again:
        if row.status == _S.QUEUED or advance(row, to=_S.QUEUED, moves=WITHDRAWAL_MOVES):
            queue_message(row, attempt=fate.attempt + 1)
        return
    code = str((fate.error or {}).get("code") or "message.never_landed")
    give_up(row, to=_S.NOT_EXECUTED, reason=code, now=fate.at)


def _load(withdrawal_id: uuid.UUID) -> Withdrawal:
    return Withdrawal.objects.select_related("wallet", "user", "address").get(pk=withdrawal_id)


def _load_locked(withdrawal_id: uuid.UUID) -> Withdrawal:
    Withdrawal.objects.select_for_update(no_key=True).get(pk=withdrawal_id)
    return _load(withdrawal_id)


def _units(amount: Decimal, whole: int) -> int:
    return int(amount * whole)


def _facts(wallet: Any) -> WalletFacts:
    return WalletFacts(
        id=wallet.id,
        user_id=wallet.user_id,
        address=wallet.wallet_address,
        custodian=wallet.wallet_type,
        custody_id=wallet.privy_wallet_id or "",
        status=wallet.status,
        balances=(),
        synced_at=wallet.last_synced_at,
    )
