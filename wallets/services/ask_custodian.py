"""What a wallet's custodian lets be signed, asked before anything is placed."""

from core.registry import provider
from wallets.custody.base import Custodian
from wallets.facts import WalletFacts


def wraps_sol(*, wallet: WalletFacts) -> bool:
    """Whether SOL may go from this wallet into a venue, and come back as SOL.

    Not so for a wallet whose policy is of before, until the owner's keys renew it. Raises
    Unavailable, Misconfigured.
    """
    custodian: Custodian = provider("CUSTODIANS", wallet.custodian)
    return custodian.wraps_sol(wallet_id=wallet.custody_id, address=wallet.address)
