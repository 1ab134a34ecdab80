"""The desk's custodian at the Privy stand-in, and what it is given to sign."""

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, replace

from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from sandbox.privy.credentials import (
    APP_ID,
    APP_SECRET,
    OWNER,
    TRADING_SIGNER,
    WITHDRAW_SIGNER,
)
from tests.solana_transactions import (
    VENUE_PROGRAM,
    compute_limit,
    unsigned,
    venue_call,
)
from wallets.custody.privy import PrivyCustodian
from wallets.custody.privy_api import AuthorizationKey, PrivyAccess
from wallets.custody.privy_settings import PrivySettings

QUOTE_MINT = "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"
DAY = 24 * 3600


@dataclass(frozen=True)
class Deployment:
    program_id: str = str(VENUE_PROGRAM)
    quote_mint: str = QUOTE_MINT
    token_programs: frozenset = frozenset({"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"})


def key_of(quorum, setting="A_KEY") -> AuthorizationKey:
    return AuthorizationKey(quorum.keys[0].private_key, setting=setting)


def privy_settings(url: str, *, timeout: float = 5, **changes) -> PrivySettings:
    settings = PrivySettings(
        access=PrivyAccess(url, APP_ID, APP_SECRET, timeout),
        owner_quorum_id=OWNER.id,
        trading_signer_id=TRADING_SIGNER.id,
        trading_signer_key=key_of(TRADING_SIGNER),
        withdraw_signer_id=WITHDRAW_SIGNER.id,
        deployments=(Deployment(),),
        sponsor_external_id="sponsor",
        largest_fee_lamports=50_000_000,
    )
    return replace(settings, **changes)


@contextmanager
def custodian_with(url: str, **changes):
    custodian = PrivyCustodian(privy_settings(url, **changes))
    try:
        yield custodian
    finally:
        custodian.close()


def hash_of(raw: bytes) -> str:
    count = raw[0]
    return hashlib.sha256(raw[1 + 64 * count :]).hexdigest()


def sign(custodian, wallet, raw: bytes, **how) -> VersionedTransaction:
    signed = custodian.sign(
        wallet_id=wallet.id,
        address=wallet.address,
        raw_transaction=raw,
        message_hash=hash_of(raw),
        **how,
    )
    return VersionedTransaction.from_bytes(signed)


def trade(wallet, *, salt: int = 0) -> bytes:
    trader = Pubkey.from_string(wallet.address)
    return unsigned([compute_limit(), venue_call(trader)], trader, salt=salt)


def calls_since(standin, action: str, number: int = 0) -> list:
    return standin.state.calls.select(service="privy", method=action, since=number)


def last_call(standin) -> int:
    return max((call.number for call in standin.state.calls.select()), default=0)
