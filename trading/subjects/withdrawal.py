"""A withdrawal from a venue to the wallet as the subject of its messages: settle, then withdraw."""

import uuid
from datetime import datetime
from typing import Any, Self

from accounts.services import end_intent
from audit.services import advance
from chain.enums import SubmissionState
from chain.messages import MessagePlan, Signer
from chain.models import SubmissionAct
from chain.subjects import Fate
from core.errors import Refused
from core.roles import as_sync
from trading.booking.entries import complete_entered
from trading.enums import TRANSFER_MOVES, TransferStatus
from trading.models import VenueTransfer
from trading.services.accounts import lock_account
from trading.services.place_venue_withdrawal import (
    SETTLE,
    SUBJECT,
    WITHDRAW,
    queue_withdraw_message,
)
from trading.services.preview_venue_withdrawal import PRIORITY_FEE_CAP_LAMPORTS
from trading.subjects.common import (
    book_transaction,
    counters_explained,
    tell_progress,
    want_account,
)
from trading.venues.base import Venue, VenueMessage, WithdrawRequest, get_venue

_OPEN = (TransferStatus.PENDING, TransferStatus.SENT, TransferStatus.CONFIRMED)
_S = SubmissionState


class VenueWithdrawalSubject:
    """Builds the messages and follows them; it is completed by the venue's own record."""

    @classmethod
    def from_settings(cls, key: str) -> Self:  # noqa: ARG003
        return cls()

    def plan(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID) -> MessagePlan:
        with as_sync():
            transfer = _load(subject_id)
            wallet: Any = transfer.wallet
            step = SubmissionAct.objects.values_list("step", flat=True).get(
                submission_id=submission_id, subject_type=SUBJECT
            )
        if transfer.status not in _OPEN:
            raise Refused("venue_withdrawal.no_longer_open", status=transfer.status)
        venue = get_venue(transfer.deployment)
        message = _message(venue, transfer, wallet.wallet_address, step)
        signer = Signer(wallet.wallet_address, wallet.wallet_type, wallet.privy_wallet_id or "")
        return MessagePlan(
            fee_payer=wallet.wallet_address,
            signers=(signer,),
            instructions=message.instructions,
            allowed=message.allowed,
            counters=message.counters,
            priority_fee_cap_lamports=PRIORITY_FEE_CAP_LAMPORTS,
        )

    def guard(self, *, subject_id: uuid.UUID, submission_id: uuid.UUID, now: datetime) -> None:  # noqa: ARG002
        transfer = _load_locked(subject_id)
        user: Any = transfer.user
        if transfer.status not in _OPEN:
            raise Refused("venue_withdrawal.no_longer_open", status=transfer.status)
        if user.frozen_at is not None:
            raise Refused("venue_withdrawal.frozen")

    def book(self, *, subject_id: uuid.UUID, step: str, fate: Fate) -> None:
        transfer = _load_locked(subject_id)
        venue = get_venue(transfer.deployment)
        code, _ = book_transaction(venue=venue, fate=fate)
        state = _S(fate.state)
        if state in (_S.CONFIRMED, _S.FINALIZED):
            want_account(account=transfer.account, at=fate.at)
        if step == SETTLE:
            _after_settling(transfer, venue, fate, code)
        else:
            _follow(transfer, venue, fate, code)
            if state in (_S.CONFIRMED, _S.FINALIZED):
                complete_entered(transfer=transfer, signature=fate.signature)
        tell_progress(subject=transfer, kind="venue_withdrawal", fate=fate)

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


def _message(venue: Venue, transfer: VenueTransfer, wallet: str, step: str) -> VenueMessage:
    if step == WITHDRAW:
        return venue.plan_withdraw(
            WithdrawRequest(
                wallet_address=wallet,
                token_symbol=transfer.token_symbol,
                amount=transfer.amount,
                priority_fee_cap_lamports=PRIORITY_FEE_CAP_LAMPORTS,
            )
        )
    [report] = venue.read_accounts([transfer.account.address])
    markets = [position.market_index for position in report.positions]
    if not markets:
        raise Refused("venue_withdrawal.nothing_to_settle")
    return venue.plan_settle(wallet_address=wallet, market_indexes=markets)


def _after_settling(transfer: VenueTransfer, venue: Venue, fate: Fate, code: str) -> None:
    """Settled or not, the withdrawal follows: what cannot be paid then the venue says itself.

    It waits for the final word of the first: a fork may not take the profit back under it.
    """
    ended = fate.state in (_S.FINALIZED, _S.FAILED, _S.EXPIRED, _S.ABANDONED)
    if not ended or transfer.status not in _OPEN:
        return
    if fate.at >= transfer.expires_at:
        _end(transfer, TransferStatus.NOT_EXECUTED, code or "submission.deadline_passed", fate)
        return
    queue_withdraw_message(transfer=transfer, venue=venue, step=WITHDRAW, attempt=1, now=fate.at)


def _follow(transfer: VenueTransfer, venue: Venue, fate: Fate, code: str) -> None:
    state = _S(fate.state)
    moves = {_S.SENT: TransferStatus.SENT, _S.CONFIRMED: TransferStatus.CONFIRMED}
    if state in moves:
        advance(transfer, to=moves[state], moves=TRANSFER_MOVES, tx_hash=fate.signature)
    elif state == _S.FAILED:
        _end(transfer, TransferStatus.FAILED, code or "chain.failed", fate)
    elif state in (_S.EXPIRED, _S.ABANDONED):
        if fate.may_sign_again and transfer.status in _OPEN:
            queue_withdraw_message(
                transfer=transfer,
                venue=venue,
                step=WITHDRAW,
                attempt=fate.attempt + 1,
                now=fate.at,
            )
        else:
            _end(transfer, TransferStatus.NOT_EXECUTED, code or "message.never_landed", fate)


def _load(transfer_id: uuid.UUID) -> VenueTransfer:
    return VenueTransfer.objects.select_related("user", "wallet", "account").get(pk=transfer_id)


def _load_locked(transfer_id: uuid.UUID) -> VenueTransfer:
    transfer = _load(transfer_id)
    lock_account(wallet_id=transfer.wallet_id, deployment=transfer.deployment)
    return _load(transfer_id)


def _end(transfer: VenueTransfer, to: TransferStatus, reason: str, fate: Fate) -> None:
    if advance(transfer, to=to, moves=TRANSFER_MOVES, status_reason=reason, ended_at=fate.at):
        end_intent(intent_id=transfer.id, executed=False, now=fate.at)
