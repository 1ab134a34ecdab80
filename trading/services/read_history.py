"""What happened on a person's accounts, newest first."""

import uuid
from datetime import datetime
from decimal import Decimal

from core.roles import as_user
from trading.facts import HistoryRow
from trading.models import AccountEntry, Fill
from wallets.enums import WithdrawalStatus
from wallets.models import IncomingTransfer, Withdrawal


def list_history(
    *, user_id: uuid.UUID, limit: int = 5, before: datetime | None = None
) -> tuple[HistoryRow, ...]:
    """Fills and movements of money of every deployment, older than `before` if given.

    And what left the wallet for good, and what reached it from outside.
    """
    with as_user(user_id):
        fills = Fill.objects.select_related("market").filter(user_id=user_id)
        entries = AccountEntry.objects.filter(user_id=user_id)
        sent = Withdrawal.objects.filter(user_id=user_id, status=WithdrawalStatus.FINALIZED)
        came = IncomingTransfer.objects.filter(user_id=user_id, is_quiet=False)
        if before is not None:
            fills, entries = (
                fills.filter(filled_at__lt=before),
                entries.filter(occurred_at__lt=before),
            )
            sent, came = sent.filter(ended_at__lt=before), came.filter(occurred_at__lt=before)
        rows = [_of_fill(fill) for fill in fills.order_by("-filled_at")[:limit]]
        rows += [_of_entry(entry) for entry in entries.order_by("-occurred_at")[:limit]]
        rows += [_of_withdrawal(each) for each in sent.order_by("-ended_at")[:limit]]
        rows += [_of_arrival(each) for each in came.order_by("-occurred_at")[:limit]]
    return tuple(sorted(rows, key=lambda row: row.at, reverse=True)[:limit])


def list_entries(*, user_id: uuid.UUID, kind: str, limit: int = 5) -> tuple[HistoryRow, ...]:
    """Movements of one kind in the person's venue accounts, newest first: funding, for one."""
    with as_user(user_id):
        entries = AccountEntry.objects.filter(user_id=user_id, kind=kind)
        return tuple(_of_entry(entry) for entry in entries.order_by("-occurred_at")[:limit])


def _of_fill(fill: Fill) -> HistoryRow:
    return HistoryRow(
        at=fill.filled_at,
        kind="fill",
        deployment=fill.deployment,
        market=fill.market.symbol,
        side=fill.direction,
        size=fill.size,
        price=fill.price,
        amount=fill.quote,
        token_symbol=fill.market.quote_asset,
        fee=fill.fee,
        realized_pnl=fill.realized_pnl,
        signature=fill.tx_hash,
    )


def _of_withdrawal(found: Withdrawal) -> HistoryRow:
    amount = found.amount if found.sent_amount is None else found.sent_amount
    return _of_wallet(
        "sent", found.ended_at or found.created_at, -amount, found.token_symbol, found.tx_hash
    )


def _of_arrival(found: IncomingTransfer) -> HistoryRow:
    return _of_wallet(
        "arrival", found.occurred_at, found.amount, found.token_symbol, found.signature
    )


def _of_wallet(
    kind: str, at: datetime, amount: Decimal, token_symbol: str, signature: str
) -> HistoryRow:
    """Between the wallet and the world: no venue has a part in it."""
    return HistoryRow(
        at=at,
        kind=kind,
        deployment="",
        market=None,
        side=None,
        size=None,
        price=None,
        amount=amount,
        token_symbol=token_symbol,
        fee=None,
        realized_pnl=None,
        signature=signature,
    )


def _of_entry(entry: AccountEntry) -> HistoryRow:
    return HistoryRow(
        at=entry.occurred_at,
        kind=entry.kind,
        deployment=entry.deployment,
        market=None,
        side=None,
        size=None,
        price=None,
        amount=entry.amount,
        token_symbol=entry.token_symbol,
        fee=None,
        realized_pnl=None,
        signature=entry.signature,
    )
