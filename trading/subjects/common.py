"""What every subject of the desk's does the same way."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from audit.services import record
from chain.enums import SubmissionState
from chain.models import Submission
from chain.rpc import rpc
from chain.subjects import Fate
from core.roles import as_sync
from trading.booking.taking_back import take_back
from trading.enums import TransactionStatus
from trading.models import VenueAccount
from trading.services.book_account import markets_of
from trading.venues.base import Venue
from wallets.tokens import LAMPORTS

# One page of signatures: what a node gives at most.
_RECENT = 1000
_STATUS = {
    SubmissionState.SIGNED: TransactionStatus.PENDING,
    SubmissionState.SENT: TransactionStatus.PENDING,
    SubmissionState.CONFIRMED: TransactionStatus.CONFIRMED,
    SubmissionState.FINALIZED: TransactionStatus.CONFIRMED,
    SubmissionState.FAILED: TransactionStatus.FAILED,
    SubmissionState.EXPIRED: TransactionStatus.CANCELLED,
    SubmissionState.ABANDONED: TransactionStatus.CANCELLED,
}


def book_transaction(*, venue: Venue, fate: Fate) -> tuple[str, str]:
    """Let the message's own row follow it; returns the code and sentence of its error, or ''."""
    code, sentence = explain(venue=venue, fate=fate)
    status = _STATUS[SubmissionState(fate.state)]
    changes: dict[str, Any] = {"status": status, "tx_hash": fate.signature, "updated_at": fate.at}
    if fate.slot is not None:
        changes["block_number"] = fate.slot
    if fate.fee_lamports is not None:
        changes["gas_fee"] = Decimal(fate.fee_lamports) / LAMPORTS
    if status == TransactionStatus.CONFIRMED:
        changes["confirmed_at"] = fate.at
    elif fate.was_confirmed:
        changes |= {"confirmed_at": None, "block_number": fate.slot}
    if code:
        changes |= {"error_type": code, "error_message": sentence}
    rows = venue.transaction_model._default_manager.filter(pk=fate.submission_id)
    row: Any = rows.first()
    if row is not None and row.status != status:
        rows.update(**changes)
        record(
            action=f"transaction.{status}",
            resource=row,
            old={"status": row.status},
            new={"status": status, "tx_hash": fate.signature, "error_type": code or None},
            user_id=row.user_id,
        )
    return code, sentence


def explain(*, venue: Venue, fate: Fate) -> tuple[str, str]:
    """The stable code and plain sentence of why a message ended without effect."""
    if fate.error is None:
        return "", ""
    if "chain" in fate.error:
        return venue.explain_error(fate.error["chain"])
    code = str(fate.error.get("code", ""))
    params = fate.error.get("params") or {}
    if code == "submission.simulation_failed":
        return venue.explain_error(params.get("error") or params.get("message", ""))
    return code, ""


def want_account(*, account: VenueAccount, at: datetime) -> None:
    """Have the account looked at as soon as this transaction has committed."""
    from trading.tasks import reconcile

    VenueAccount.objects.filter(pk=account.pk).update(wanted_at=at)
    transaction.on_commit(lambda: reconcile.delay(str(account.pk)), robust=True)


def take_message_back(*, venue: Venue, account: VenueAccount, wallet: Any, fate: Fate) -> bool:
    """Undo what was booked of a message that a fork took back; the account is locked.

    What the message was for is pending then, and its end the caller's to say.
    """
    gone = (
        SubmissionState.SENT,
        SubmissionState.FAILED,
        SubmissionState.EXPIRED,
    )
    if not fate.was_confirmed or fate.state not in gone or fate.signature is None:
        return False
    want_account(account=account, at=fate.at)
    return take_back(
        venue=venue,
        account=account,
        wallet=wallet,
        dropped=[fate.signature],
        markets=markets_of(venue),
        now=fate.at,
        is_message=True,
    )


def tell_progress(*, subject: models.Model, kind: str, fate: Fate) -> None:
    """An audit row for the step, from which the person's card is brought up to date."""
    record(
        action=f"{kind}.message_{fate.state}",
        resource=subject,
        new={"submission": str(fate.submission_id), "signature": fate.signature},
        user_id=getattr(subject, "user_id", None),
    )


def counters_explained(
    *, venue: Venue, address: str, counters: dict[str, Any], signature: str, min_slot: int
) -> bool:
    """Whether the account's counters stand as before signing, or others moved them.

    Read at finalized and not before `min_slot`. A change is explained when the account shows
    other signatures since the signing, and not ours among them.
    """
    report = venue.read_accounts([address], commitment="finalized", min_slot=min_slot)[0]
    if report.counters == {key: str(value) for key, value in counters.items()}:
        return True
    with as_sync():
        signed_at = Submission.objects.values_list("signing_slot", flat=True).get(
            signature=signature
        )
    recent = rpc().signatures_for(address, until=None, limit=_RECENT, min_slot=min_slot)
    since = [entry["signature"] for entry in recent if entry["slot"] >= (signed_at or 0)]
    # A full page of younger ones may end before ours; then nothing is explained.
    return 0 < len(since) < _RECENT and signature not in since
