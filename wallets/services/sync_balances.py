"""Bring wallet_balances in line with the chain, many wallets by one statement."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q

from core.roles import as_sync
from wallets.chain_balances import ChainBalances, read_chain_balances
from wallets.enums import ChainType, WalletStatus
from wallets.models import Wallet

# Twenty wallets are one request of a hundred accounts.
_WALLETS_PER_READ = 200

# Rows change only where the chain shows something else, and never back to an older slot.
# A locked part can never be more than what is there: one odd row must not fail the batch.
_UPSERT = """
INSERT INTO wallet_balances AS b
       (id, wallet_id, token_symbol, balance, locked_balance, observed_slot, created_at, updated_at)
SELECT desk_uuidv7(), w, t, a, 0, s, %(now)s, %(now)s
FROM unnest(%(wallets)s::uuid[], %(tokens)s::text[], %(amounts)s::numeric[], %(slots)s::bigint[])
     AS seen(w, t, a, s)
ON CONFLICT (wallet_id, token_symbol) DO UPDATE
SET balance = EXCLUDED.balance,
    locked_balance = least(b.locked_balance, EXCLUDED.balance),
    observed_slot = EXCLUDED.observed_slot,
    updated_at = EXCLUDED.updated_at
WHERE b.balance IS DISTINCT FROM EXCLUDED.balance
  AND coalesce(b.observed_slot, 0) <= EXCLUDED.observed_slot
"""


def sync_balances(
    *, now: datetime, older_than: timedelta = timedelta(seconds=45)
) -> dict[str, Any]:
    """Read all active Solana wallets that were not looked at lately. Raises Unavailable.

    Returns how many wallets were read and how many balances had changed.
    """
    due = Q(last_synced_at__isnull=True) | Q(last_synced_at__lt=now - older_than)
    with as_sync():
        wallets = list(
            Wallet.objects.filter(due, chain_type=ChainType.SOLANA, status=WalletStatus.ACTIVE)
            .order_by(F("last_synced_at").asc(nulls_first=True))
            .values_list("id", "wallet_address")
        )
    changed = 0
    for start in range(0, len(wallets), _WALLETS_PER_READ):
        changed += _sync(wallets[start : start + _WALLETS_PER_READ], now)
    return {"wallets": len(wallets), "changed": changed}


def refresh_wallet(*, wallet_id: uuid.UUID, now: datetime) -> int:
    """Read one wallet now, after an act of ours that moved its money. Raises Unavailable."""
    with as_sync():
        wallets = list(Wallet.objects.filter(pk=wallet_id).values_list("id", "wallet_address"))
    return _sync(wallets, now)


def _sync(wallets: Sequence[tuple[uuid.UUID, str]], now: datetime) -> int:
    if not wallets:
        return 0
    seen = read_chain_balances([address for _, address in wallets])
    return store_balances(balances={key: seen[address] for key, address in wallets}, now=now)


def store_balances(*, balances: dict[uuid.UUID, ChainBalances], now: datetime) -> int:
    """Write what the chain showed, by one statement; returns how many rows changed."""
    rows = [
        (wallet_id, symbol, amount, held.slot)
        for wallet_id, held in balances.items()
        for symbol, amount in held.amounts.items()
    ]
    ids, tokens, amounts, slots = (list(column) for column in zip(*rows, strict=True))
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            {"wallets": ids, "tokens": tokens, "amounts": amounts, "slots": slots, "now": now},
        )
        changed = int(cursor.rowcount)
        Wallet.objects.filter(pk__in=balances).update(last_synced_at=now)
    return changed
