"""Tables of wallets, and of the money that leaves and reaches them."""

from wallets.models.incoming import IncomingTransfer, WatchedAccount
from wallets.models.wallet import Wallet, WalletBalance
from wallets.models.withdrawal import Withdrawal, WithdrawalAddress, WithdrawalAllowance

__all__ = [
    "IncomingTransfer",
    "Wallet",
    "WalletBalance",
    "WatchedAccount",
    "Withdrawal",
    "WithdrawalAddress",
    "WithdrawalAllowance",
]
