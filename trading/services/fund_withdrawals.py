"""Withdrawals that the venue is to pay for first: asked of it, and gone on with when it has."""

import uuid
from datetime import datetime

from chain.enums import SubmissionState
from chain.models import Submission
from chain.services import require_epoch
from core.errors import DeskError, Unavailable
from core.logs import get_logger
from core.roles import as_sync
from trading.enums import TransferStatus
from trading.models import VenueTransfer
from trading.services.place_venue_withdrawal import place_venue_withdrawal
from wallets.enums import WithdrawalStatus
from wallets.models import Withdrawal
from wallets.services import end_unfunded, fund_withdrawal

log = get_logger("desk.withdrawals")


def fund_withdrawals(*, now: datetime, limit: int = 100) -> dict[str, int]:
    """Go over what waits for a venue. The key of each venue withdrawal is made of what it pays
    for, so that it is asked once however often this runs.

    On a database that was set back nothing is asked or given up: it may have been paid."""
    try:
        require_epoch(now=now)
    except Unavailable:
        return {"waiting": 0}
    with as_sync():
        waiting = list(
            Withdrawal.objects.filter(status=WithdrawalStatus.AWAITING_VENUE)
            .order_by("id")
            .values_list("id", flat=True)[:limit]
        )
    for withdrawal_id in waiting:
        try:
            _fund(withdrawal_id, now)
        except Unavailable as error:
            log.warning("a withdrawal waits for its venue", reason=error.code)
        except Exception:  # this is a process's loop
            log.exception("a withdrawal could not be funded", withdrawal=str(withdrawal_id))
    return {"waiting": len(waiting)}


def _fund(withdrawal_id: uuid.UUID, now: datetime) -> None:
    with as_sync():
        row = Withdrawal.objects.get(pk=withdrawal_id)
    if row.source_transfer_id is None:
        _ask_venue(row, now)
        return
    with as_sync():
        transfer = VenueTransfer.objects.get(pk=row.source_transfer_id)
        if transfer.status == TransferStatus.COMPLETED and _is_final(transfer):
            amount = transfer.booked_amount or transfer.amount
            fund_withdrawal(withdrawal_id=row.pk, amount=abs(amount), now=now)
        elif transfer.status in (TransferStatus.FAILED, TransferStatus.NOT_EXECUTED):
            reason = transfer.status_reason or "withdrawal.venue_did_not_pay"
            end_unfunded(withdrawal_id=row.pk, reason=reason, now=now)


def _ask_venue(row: Withdrawal, now: datetime) -> None:
    try:
        placed = place_venue_withdrawal(
            user_id=row.user_id,
            channel="system",
            key=f"withdrawal-{row.pk}",
            deployment=row.source_deployment,
            token_symbol=row.token_symbol,
            amount=row.amount,
            now=now,
        )
    except Unavailable:
        raise
    except DeskError as refusal:
        with as_sync():
            end_unfunded(withdrawal_id=row.pk, reason=refusal.code, now=now)
        return
    with as_sync():
        Withdrawal.objects.filter(pk=row.pk, source_transfer_id__isnull=True).update(
            source_transfer_id=placed.id
        )


def _is_final(transfer: VenueTransfer) -> bool:
    """The venue's record is read at confirmed; money goes on when no fork can take it back."""
    return Submission.objects.filter(
        acts__subject_id=transfer.pk, acts__step="withdraw", state=SubmissionState.FINALIZED
    ).exists()
