"""Tell of what left the house, as the chain does, after the database was set back."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.services import end_intent
from audit.services import advance, record
from chain.messages import transaction_fee
from chain.models import SubmissionAct
from chain.services import ChainMessage
from core.roles import as_sync
from wallets.allowances import reserve, restamp
from wallets.enums import IncomingStatus, WithdrawalStatus
from wallets.limits import unit_of
from wallets.models import IncomingTransfer, Wallet, Withdrawal, WithdrawalAddress
from wallets.services.release_withdrawals import SUBJECT, message_ids
from wallets.tokens import BY_MINT, SOL
from wallets.transfers import SentTransfer, read_sent

_S = WithdrawalStatus
FOUND = "withdrawal.found_on_chain"
# Whatever the copy says of it, also that it was given up: what is final is final.
_MOVES: dict[str, frozenset[str]] = {
    state: frozenset({_S.FINALIZED, _S.FAILED}) for state in set(_S) - {_S.FINALIZED, _S.FAILED}
}
_NO_LIMIT = Decimal(10) ** 18


def recall_withdrawals(
    *, wallet_id: uuid.UUID, landed: Sequence[ChainMessage], now: datetime
) -> int:
    """Book the wallet's withdrawals by its final messages, and count them towards the day's limit.

    A withdrawal that the copy holds for waiting, or for ended, has the end that the chain shows;
    one that it does not know gets a row. `landed` are messages that the wallet itself has signed.
    Safe any number of times; returns how many were booked.
    """
    sent = [(message, read_sent(message.raw)) for message in landed]
    with as_sync():
        rows = Withdrawal.objects.filter(wallet_id=wallet_id).exclude(tx_hash__in=_hashes(landed))
        by_message = {
            each: row
            for row in (rows.select_for_update(no_key=True) if landed else ())
            for each in message_ids(row.pk)
        }
        carried = set(
            SubmissionAct.objects.filter(
                submission_id__in=[each.submission_id for each in landed]
            ).values_list("submission_id", flat=True)
        )
        booked = 0
        for message, transfer in sent:
            # What still has its act is ended by evidence, as any other message.
            if transfer is None or message.submission_id in carried:
                continue
            row = by_message.get(message.submission_id)
            booked += _book(
                row or _row_of(wallet_id, message, transfer, now), message, transfer, now
            )
    return booked


def _hashes(landed: Sequence[ChainMessage]) -> list[str]:
    return [each.signature for each in landed]


def _book(row: Withdrawal, message: ChainMessage, sent: SentTransfer, now: datetime) -> bool:
    failed = message.error is not None
    changes: dict[str, Any] = {
        "tx_hash": message.signature,
        "fee_lamports": transaction_fee(message.raw),
        "status_reason": "chain.failed" if failed else FOUND,
        "sent_amount": sent.amount,
        "ended_at": now,
    }
    to = _S.FAILED if failed else _S.FINALIZED
    if not advance(row, to=to, moves=_MOVES, **changes):
        return False
    SubmissionAct.objects.create(
        submission_id=message.submission_id,
        instruction_index=0,
        subject_type=SUBJECT,
        subject_id=row.pk,
        step="transfer",
        live=False,
    )
    end_intent(intent_id=row.pk, executed=not failed, now=now)
    if not failed:
        _count(row, sent, now)
    return True


def _count(row: Withdrawal, sent: SentTransfer, now: datetime) -> None:
    """It has left within the day, whatever the limit says to that."""
    if row.unit:
        counted = {"user_id": row.user_id, "unit": row.unit, "withdrawal_id": row.pk, "now": now}
        if not reserve(amount=sent.amount, limit=_NO_LIMIT, **counted):
            restamp(**counted)
    if row.incoming_id is not None:
        incoming = IncomingTransfer.objects.get(pk=row.incoming_id)
        incoming.status = IncomingStatus.RETURNED
        incoming.save(update_fields=["status"])


def _row_of(
    wallet_id: uuid.UUID, message: ChainMessage, sent: SentTransfer, now: datetime
) -> Withdrawal:
    """A row for what the copy knows nothing of: its own id was forgotten with it."""
    wallet = Wallet.objects.get(pk=wallet_id)
    known = BY_MINT.get(sent.mint)
    symbol = SOL if not sent.mint else known.symbol if known else sent.mint
    book = WithdrawalAddress.objects.filter(user_id=wallet.user_id, address=sent.to)
    row = Withdrawal(
        id=message.submission_id,
        user_id=wallet.user_id,
        wallet=wallet,
        address=book.order_by("-created_at").first(),
        to_address=sent.to,
        token_symbol=symbol,
        token_mint=sent.mint,
        amount=sent.amount,
        unit=unit_of(symbol) or "",
        status=_S.QUEUED,
        expires_at=now,
        created_at=now,
    )
    row.save(force_insert=True)
    record(
        action="withdrawal.remembered",
        resource=row,
        new={"submission": str(message.submission_id), "signature": message.signature},
        user_id=row.user_id,
    )
    return row
