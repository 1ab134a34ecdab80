"""The oracle accounts of a deployment: where they are, and writing a price into them."""

from __future__ import annotations

import struct
from decimal import Decimal

from solders.account import Account
from solders.pubkey import Pubkey

from sandbox.perps.deployment import Deployment
from sandbox.perps.listings import Listing
from sandbox.perps.oracles import LAZER_DISCRIMINATOR, PYTH_MAINNET, pyth_account_data
from sandbox.solana.programs import Chain

EXPONENT = -8
CONFIDENCE_FRACTION = 5_000


def oracle_address(chain: Chain, deployment: Deployment, listing: Listing) -> Pubkey:
    """Where the price of a listing is published for a deployment."""
    if deployment.uses_lazer:
        return deployment.pda(b"pyth_lazer", listing.lazer_feed.to_bytes(4, "little"))
    if listing.pyth_account is not None:
        return Pubkey.from_string(listing.pyth_account)
    return chain.keypair(f"pyth {listing.symbol}").pubkey()


def publish(chain: Chain, deployment: Deployment, listing: Listing, price: Decimal) -> None:
    """Write a price, dated now, into the oracle account."""
    raw = int(price.scaleb(-EXPONENT))
    confidence = raw // CONFIDENCE_FRACTION
    clock = chain.clock
    if deployment.uses_lazer:
        data = LAZER_DISCRIMINATOR + struct.pack(
            "<qQQi4sQ",
            raw,
            clock.unix_timestamp * 10**6,
            clock.slot,
            EXPONENT,
            bytes(4),
            confidence,
        )
        owner = deployment.program_id
    else:
        data = pyth_account_data(
            price=raw,
            confidence=confidence,
            slot=clock.slot,
            timestamp=clock.unix_timestamp,
            exponent=EXPONENT,
        )
        owner = PYTH_MAINNET
    account = Account(chain.rent(len(data)), data, owner)
    chain.set_account(oracle_address(chain, deployment, listing), account)
