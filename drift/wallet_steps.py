"""Instructions beside the venue's own: a wallet's token accounts, tokens and SOL."""

from __future__ import annotations

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from drift.layouts.deployments import SOL_COLLATERAL, TOKEN_PROGRAM_ID, Collateral
from drift.pdas import ASSOCIATED_TOKEN_PROGRAM_ID, SYSTEM_PROGRAM_ID, associated_token_address

_TOKEN_PROGRAM = Pubkey.from_string(TOKEN_PROGRAM_ID)
_CREATE_IDEMPOTENT = 1
_CLOSE_ACCOUNT, _TRANSFER_CHECKED = 9, 12


def token_account(owner: Pubkey, token: Collateral) -> Pubkey:
    """The owner's associated account of the token."""
    return associated_token_address(owner, Pubkey.from_string(token.mint), _TOKEN_PROGRAM)


def make_token_account(owner: Pubkey, token: Collateral) -> Instruction:
    """Paid by its owner."""
    metas = [
        AccountMeta(owner, is_signer=True, is_writable=True),
        _written(token_account(owner, token)),
        _read(owner),
        _read(Pubkey.from_string(token.mint)),
        _read(SYSTEM_PROGRAM_ID),
        _read(_TOKEN_PROGRAM),
    ]
    return Instruction(ASSOCIATED_TOKEN_PROGRAM_ID, bytes([_CREATE_IDEMPOTENT]), metas)


def transfer_checked(source: Pubkey, to: Pubkey, token: Collateral, amount: int) -> Instruction:
    """Between the associated accounts of two owners."""
    metas = [
        _written(token_account(source, token)),
        _read(Pubkey.from_string(token.mint)),
        _written(token_account(to, token)),
        AccountMeta(source, is_signer=True, is_writable=False),
    ]
    data = bytes([_TRANSFER_CHECKED]) + amount.to_bytes(8, "little") + bytes([token.decimals])
    return Instruction(_TOKEN_PROGRAM, data, metas)


def send_sol(source: Pubkey, to: Pubkey, lamports: int) -> Instruction:
    return transfer(TransferParams(from_pubkey=source, to_pubkey=to, lamports=lamports))


def unwrap(owner: Pubkey) -> Instruction:
    """Close the owner's account of wrapped SOL: its lamports, rent too, go to the owner."""
    metas = [
        _written(token_account(owner, SOL_COLLATERAL)),
        _written(owner),
        AccountMeta(owner, is_signer=True, is_writable=False),
    ]
    return Instruction(_TOKEN_PROGRAM, bytes([_CLOSE_ACCOUNT]), metas)


def _read(address: Pubkey) -> AccountMeta:
    return AccountMeta(address, is_signer=False, is_writable=False)


def _written(address: Pubkey) -> AccountMeta:
    return AccountMeta(address, is_signer=False, is_writable=True)
