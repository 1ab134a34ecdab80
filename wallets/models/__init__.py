"""Tables of wallets, and of the money that leaves and reaches them."""

from wallets.models.incoming import IncomingTransfer
from wallets.models.wallet import Wallet, WalletBalance
from wallets.models.withdrawal import Withdrawal, WithdrawalAddress, WithdrawalAllowance

__all__ = [
    "IncomingTransfer",
    "Wallet",
    "WalletBalance",
    "Withdrawal",
    "WithdrawalAddress",
    "WithdrawalAllowance",
]
