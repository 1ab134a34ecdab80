"""A deposit into a venue as the subject of a message."""

import uuid
from datetime import datetime
from typing import Any, Self

from accounts.services import end_intent
from audit.services import advance
from chain.enums import SubmissionState
from chain.messages import MessagePlan, Signer
from chain.subjects import Fate
from core.errors import Refused
from core.roles import as_sync
from trading.booking.entries import complete_entered
from trading.enums import TRANSFER_MOVES, TransferStatus
from trading.models import Sponsorship, VenueTransfer
from trading.services.accounts import lock_account
from trading.services.place_deposit import queue_deposit_message
from trading.services.preview_deposit import deposit_request, deposits_halted
from trading.services.venue_gates import read_venue_gate
from trading.subjects.common import (
    book_transaction,
    counters_explained,
    tell_progress,
    want_account,
)
from trading.venues.base import get_venue
from wallets.facts import WalletFacts
from wallets.sponsor import CUSTODIAN, sponsor_wallet

_OPEN = (TransferStatus.PENDING, TransferStatus.SENT, TransferStatus.CONFIRMED)


class DepositSubject:
    """Builds a deposit's message and follows it; it is completed by the venue's own record."""

    @classmethod
    def from_settings(cls, key: str) -> Self:  # noqa: ARG003
        return cls()

    def plan(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID) -> MessagePlan:  # noqa: ARG002
        with as_sync():
            transfer = _load(subject_id)
            wallet = _wallet(transfer)
        if transfer.status not in _OPEN:
            raise Refused("deposit.no_longer_open", status=transfer.status)
        venue = get_venue(transfer.deployment)
        request = deposit_request(
            wallet=wallet,
            token_symbol=transfer.token_symbol,
            amount=transfer.amount,
            sponsored=transfer.sponsored,
            fee=transfer.sponsor_fee,
        )
        message = venue.plan_deposit(request)
        signers = [Signer(wallet.address, wallet.custodian, wallet.custody_id)]
        if transfer.sponsored:
            sponsor = sponsor_wallet()
            signers.insert(0, Signer(sponsor.address, CUSTODIAN, sponsor.id))
        return MessagePlan(
            fee_payer=request.payer,
            signers=tuple(signers),
            instructions=message.instructions,
            allowed=message.allowed,
            counters=message.counters,
            priority_fee_cap_lamports=request.priority_fee_cap_lamports,
        )

    def guard(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID, now: datetime) -> None:  # noqa: ARG002
        transfer = _load_locked(subject_id)
        if transfer.status not in _OPEN:
            raise Refused("deposit.no_longer_open", status=transfer.status)
        if deposits_halted(user=transfer.user, deployment=transfer.deployment):
            raise Refused("risk.trading_halted")
        gate = read_venue_gate(deployment=transfer.deployment, now=now)
        if not gate.is_open:
            raise Refused("risk.venue_read_only", reason=gate.reason)

    def book(self, *, subject_id: uuid.UUID, step: str, fate: Fate) -> None:
        if step != "deposit":
            return  # the same message makes the account; it is booked once
        transfer = _load_locked(subject_id)
        venue = get_venue(transfer.deployment)
        code, _ = book_transaction(venue=venue, fate=fate)
        moves = {
            SubmissionState.SENT: TransferStatus.SENT,
            SubmissionState.CONFIRMED: TransferStatus.CONFIRMED,
        }
        if fate.state in moves:
            advance(
                transfer,
                to=moves[SubmissionState(fate.state)],
                moves=TRANSFER_MOVES,
                tx_hash=fate.signature,
            )
        if fate.state in (SubmissionState.CONFIRMED, SubmissionState.FINALIZED):
            want_account(account=transfer.account, at=fate.at)
            complete_entered(transfer=transfer, signature=fate.signature)
        elif fate.state == SubmissionState.FAILED:
            _end(transfer, TransferStatus.FAILED, code or "chain.failed", fate)
        elif fate.state in (SubmissionState.EXPIRED, SubmissionState.ABANDONED):
            Sponsorship.objects.filter(submission_id=fate.submission_id).update(counted=False)
            if fate.may_sign_again and transfer.status in _OPEN:
                queue_deposit_message(
                    transfer=transfer,
                    wallet=_wallet(transfer),
                    venue=venue,
                    attempt=fate.attempt + 1,
                    now=fate.at,
                )
            else:
                _end(transfer, TransferStatus.NOT_EXECUTED, code or "message.never_landed", fate)
        tell_progress(subject=transfer, kind="deposit", fate=fate)

    def explain_counters(
        self,
        *,
        subject_id: uuid.UUID,
        counters: dict[str, Any],
        signature: str,
        min_slot: int,
    ) -> bool:
        with as_sync():
            transfer = _load(subject_id)
        return counters_explained(
            venue=get_venue(transfer.deployment),
            address=transfer.account.address,
            counters=counters,
            signature=signature,
            min_slot=min_slot,
        )


def _load(transfer_id: uuid.UUID) -> VenueTransfer:
    return VenueTransfer.objects.select_related("user", "wallet", "account").get(pk=transfer_id)


def _load_locked(transfer_id: uuid.UUID) -> VenueTransfer:
    """The account's lock first, then the transfer as nobody else can change it any more."""
    transfer = _load(transfer_id)
    lock_account(wallet_id=transfer.wallet_id, deployment=transfer.deployment)
    return _load(transfer_id)


def _wallet(transfer: VenueTransfer) -> WalletFacts:
    wallet: Any = transfer.wallet
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


def _end(transfer: VenueTransfer, to: TransferStatus, reason: str, fate: Fate) -> None:
    if advance(transfer, to=to, moves=TRANSFER_MOVES, status_reason=reason, ended_at=fate.at):
        end_intent(intent_id=transfer.id, executed=False, now=fate.at)
