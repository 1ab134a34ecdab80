"""Addresses that a venue program derives from seeds."""

from __future__ import annotations

from functools import lru_cache

from solders.pubkey import Pubkey

from drift.layouts.deployments import Deployment

SYSTEM_PROGRAM_ID = Pubkey.default()
RENT_SYSVAR_ID = Pubkey.from_string("SysvarRent111111111111111111111111111111111")
ASSOCIATED_TOKEN_PROGRAM_ID = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")


def state_address(deployment: Deployment) -> Pubkey:
    return _derive(deployment.program_id, deployment.state_seed.encode())


def signer_address(deployment: Deployment) -> Pubkey:
    """The authority of the token vaults; the state account's `signer` must equal it."""
    return _derive(deployment.program_id, deployment.signer_seed.encode())


def user_address(deployment: Deployment, authority: Pubkey, sub_account_id: int) -> Pubkey:
    return _derive(deployment.program_id, b"user", bytes(authority), _u16(sub_account_id))


def user_stats_address(deployment: Deployment, authority: Pubkey) -> Pubkey:
    return _derive(deployment.program_id, b"user_stats", bytes(authority))


def perp_market_address(deployment: Deployment, market_index: int) -> Pubkey:
    return _derive(deployment.program_id, b"perp_market", _u16(market_index))


def spot_market_address(deployment: Deployment, market_index: int) -> Pubkey:
    return _derive(deployment.program_id, b"spot_market", _u16(market_index))


def spot_market_vault_address(deployment: Deployment, market_index: int) -> Pubkey:
    return _derive(deployment.program_id, b"spot_market_vault", _u16(market_index))


def insurance_fund_vault_address(deployment: Deployment, market_index: int) -> Pubkey:
    return _derive(deployment.program_id, b"insurance_fund_vault", _u16(market_index))


def lazer_oracle_address(deployment: Deployment, feed_id: int) -> Pubkey:
    return _derive(deployment.program_id, b"pyth_lazer", feed_id.to_bytes(4, "little"))


def associated_token_address(owner: Pubkey, mint: Pubkey, token_program: Pubkey) -> Pubkey:
    return _derive(
        str(ASSOCIATED_TOKEN_PROGRAM_ID), bytes(owner), bytes(token_program), bytes(mint)
    )


def _u16(number: int) -> bytes:
    return number.to_bytes(2, "little")


# Finding the bump hashes up to 255 times; the same few addresses are asked for again and again.
@lru_cache(maxsize=65_536)
def _derive(program_id: str, *seeds: bytes) -> Pubkey:
    return Pubkey.find_program_address(list(seeds), Pubkey.from_string(program_id))[0]
