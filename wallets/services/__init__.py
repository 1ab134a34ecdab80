"""What is done with wallets."""

from wallets.services.create_wallet import create_wallet
from wallets.services.read_wallet import access_wallet, find_wallet, read_live_wallet
from wallets.services.sync_balances import refresh_wallet, sync_balances

__all__ = [
    "access_wallet",
    "create_wallet",
    "find_wallet",
    "read_live_wallet",
    "refresh_wallet",
    "sync_balances",
]
