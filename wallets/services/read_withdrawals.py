"""Withdrawals as their person and the edges see them."""

import uuid
from datetime import datetime
from decimal import Decimal

from core.errors import NotFound
from core.roles import as_user
from wallets.enums import WITHDRAWAL_WAITING, IncomingStatus, WithdrawalStatus
from wallets.facts import IncomingFacts, WithdrawalFacts
from wallets.models import IncomingTransfer, Withdrawal
from wallets.tokens import LAMPORTS
from wallets.usable_tokens import venue_of, venues_tokens

_W = WithdrawalStatus
# What is known, in words that are the same on every card and page.
_WORDS: dict[WithdrawalStatus, str] = {
    _W.AWAITING_CODE: "waits for your code",
    _W.AWAITING_APPROVAL: "waits for staff",
    _W.HELD: "held by staff",
    _W.COOLING: "confirmed, waits",
    _W.AWAITING_VENUE: "the venue pays your wallet first",
    _W.QUEUED: "about to be sent",
    _W.SENT: "sent",
    _W.CONFIRMED: "seen on the chain",
    _W.FINALIZED: "arrived, final",
    _W.FAILED: "failed on the chain, your money is in your wallet",
    _W.NOT_EXECUTED: "not executed, nothing was moved",
    _W.CANCELLED: "cancelled, nothing was moved",
    _W.REJECTED: "rejected, nothing was moved",
}
# Where the venue had paid the wallet by then.
_PAID_BY_VENUE = _WORDS | {
    _W.NOT_EXECUTED: "not executed, the venue's money is in your wallet",
    _W.CANCELLED: "cancelled, the venue's money is in your wallet",
    _W.REJECTED: "rejected, the venue's money is in your wallet",
}


def read_withdrawal(*, user_id: uuid.UUID, withdrawal_id: uuid.UUID) -> WithdrawalFacts:
    """Raises NotFound, for another's too."""
    with as_user(user_id):
        row = (
            Withdrawal.objects.select_related("address")
            .filter(pk=withdrawal_id, user_id=user_id)
            .first()
        )
    if row is None:
        raise NotFound("withdrawal.not_found")
    return withdrawal_facts(row)


def list_withdrawals(
    *, user_id: uuid.UUID, before: uuid.UUID | None = None, limit: int = 20
) -> tuple[WithdrawalFacts, ...]:
    """The newest first; `before` is the last id of the page before."""
    with as_user(user_id):
        rows = Withdrawal.objects.select_related("address").filter(user_id=user_id)
        if before is not None:
            rows = rows.filter(pk__lt=before)
        return tuple(map(withdrawal_facts, rows.order_by("-id")[:limit]))


def list_incoming(
    *,
    user_id: uuid.UUID,
    status: str | None = None,
    since: datetime | None = None,
    before: uuid.UUID | None = None,
    limit: int = 20,
) -> tuple[IncomingFacts, ...]:
    """What has reached the person's wallets, the newest first; `before` is the last id known."""
    with as_user(user_id):
        rows = IncomingTransfer.objects.filter(user_id=user_id)
        if status is not None:
            rows = rows.filter(status=status)
        if since is not None:
            rows = rows.filter(occurred_at__gte=since)
        if before is not None:
            rows = rows.filter(pk__lt=before)
        found = list(rows.order_by("-id")[:limit])
    own_venue = venue_of(user_id) if found else ""
    return tuple(incoming_facts(row, own_venue) for row in found)


def read_incoming(*, user_id: uuid.UUID, incoming_id: uuid.UUID) -> IncomingFacts:
    """Raises NotFound, for another's too."""
    with as_user(user_id):
        row = IncomingTransfer.objects.filter(pk=incoming_id, user_id=user_id).first()
    if row is None:
        raise NotFound("incoming.not_found")
    return incoming_facts(row, venue_of(user_id))


def incoming_facts(row: IncomingTransfer, own_venue: str) -> IncomingFacts:
    takers = tuple(key for key, taken in venues_tokens().items() if row.token_symbol in taken)
    is_open = row.status != IncomingStatus.RETURNED
    return IncomingFacts(
        id=row.id,
        token_symbol=row.token_symbol,
        token_mint=row.token_mint,
        amount=row.amount,
        from_address=row.from_address,
        status=row.status,
        signature=row.signature,
        occurred_at=row.occurred_at,
        may_return=is_open and bool(row.from_address) and own_venue not in takers,
        taken_by=takers,
        own_venue=own_venue,
    )


def _label(row: Withdrawal) -> str:
    if row.address:
        return row.address.label
    return "back to its sender" if row.incoming_id else "an address that is not in the book"


def withdrawal_facts(row: Withdrawal) -> WithdrawalFacts:
    # Its amount is set when it is queued: out of a venue, by what the venue has paid.
    was_paid = bool(row.source_deployment) and row.sent_amount is not None
    fee = None if row.fee_lamports is None else Decimal(row.fee_lamports) / LAMPORTS
    return WithdrawalFacts(
        id=row.id,
        token_symbol=row.token_symbol,
        amount=row.amount,
        sent_amount=row.sent_amount,
        label=_label(row),
        to_address=row.to_address,
        source_deployment=row.source_deployment,
        status=row.status,
        status_words=(_PAID_BY_VENUE if was_paid else _WORDS)[WithdrawalStatus(row.status)],
        reason=row.status_reason,
        needs_approval=row.status == WithdrawalStatus.AWAITING_APPROVAL,
        may_be_cancelled=row.status in WITHDRAWAL_WAITING,
        signature=row.tx_hash or None,
        fee_sol=fee,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        release_at=row.release_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
