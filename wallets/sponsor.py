"""The desk's own wallet that pays rent and fees for people who hold no SOL yet."""

from functools import cache

from django.conf import settings

from core.registry import provider
from wallets.custody.base import CustodyWallet
from wallets.enums import WalletType

CUSTODIAN = WalletType.PRIVY


@cache
def sponsor_wallet() -> CustodyWallet:
    """The sponsor's wallet at the custodian, made on the first call. Raises Unavailable."""
    made: CustodyWallet = provider("CUSTODIANS", CUSTODIAN).ensure_wallet(
        external_id=settings.ENVIRONMENT.sponsor_wallet_external_id
    )
    return made
