"""The way to a wallet, and what it holds."""

import uuid
from datetime import datetime
from typing import Any

from core.errors import NotFound, Unavailable
from core.redis import redis
from core.roles import as_user
from wallets.chain_balances import read_chain_balances
from wallets.enums import ChainType, WalletStatus
from wallets.facts import BalanceFacts, WalletFacts
from wallets.models import Wallet


def find_wallet(*, user_id: uuid.UUID, balances: bool = True) -> WalletFacts | None:
    """The person's Solana wallet, if they have one; with its balances as last synced."""
    with as_user(user_id, looks=True):
        wallet = (
            Wallet.objects.filter(user_id=user_id, chain_type=ChainType.SOLANA)
            .exclude(status=WalletStatus.INACTIVE)
            .order_by("created_at")
            .first()
        )
        if wallet is None:
            return None
        rows = list(wallet.balances.order_by("token_symbol")) if balances else []
    return WalletFacts(
        id=wallet.id,
        user_id=wallet.user_id,
        address=wallet.wallet_address,
        custodian=wallet.wallet_type,
        custody_id=wallet.privy_wallet_id or "",
        status=wallet.status,
        balances=tuple(
            BalanceFacts(row.token_symbol, row.balance, row.available_balance) for row in rows
        ),
        synced_at=wallet.last_synced_at,
    )


def access_wallet(*, user_id: uuid.UUID, balances: bool = True) -> WalletFacts:
    """The person's wallet. Raises NotFound if there is none yet."""
    wallet = find_wallet(user_id=user_id, balances=balances)
    if wallet is None:
        raise NotFound("wallet.none")
    return wallet


def remember_address(*, telegram_id: int, wallet: WalletFacts) -> None:
    """So that a person's balances can be read from the chain while the database is down."""
    redis().hset(_KEY, str(telegram_id), f"{wallet.user_id}:{wallet.id}:{wallet.address}")


def read_live_wallet(*, telegram_id: int, now: datetime) -> WalletFacts:
    """The wallet and its balances without the database, straight from the chain.

    Raises Unavailable if the address was never remembered or no node answers.
    """
    remembered: Any = redis().hget(_KEY, str(telegram_id))
    if remembered is None:
        raise Unavailable("database.down")
    user_id, wallet_id, address = remembered.decode().split(":")
    held = read_chain_balances([address])[address]
    return WalletFacts(
        id=uuid.UUID(wallet_id),
        user_id=uuid.UUID(user_id),
        address=address,
        custodian="",
        custody_id="",
        status=WalletStatus.ACTIVE,
        balances=tuple(
            BalanceFacts(symbol, amount, amount) for symbol, amount in sorted(held.amounts.items())
        ),
        synced_at=now,
        live=True,
    )


_KEY = "wallet:by_telegram"
