"""Token accounts and mints as bytes, of either token program."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from decimal import Decimal

from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from sandbox.solana.known import (
    ASSOCIATED_TOKEN_PROGRAM,
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    TOKEN_PROGRAMS,
)
from sandbox.state import Json

MINT_SIZE = 82
TOKEN_ACCOUNT_SIZE = 165
_MINT = struct.Struct("<I32sQBBI32s")
_TOKEN_ACCOUNT = struct.Struct("<32s32sQI32sBIQQI32s")
_ACCOUNT_TYPE_OFFSET = 165
_TYPE_MINT = 1
_STATES = {1: "initialized", 2: "frozen"}


@dataclass(frozen=True, slots=True)
class Mint:
    """A mint's own fields."""

    decimals: int
    supply: int
    authority: Pubkey | None
    freeze_authority: Pubkey | None


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """A token account's own fields."""

    mint: Pubkey
    owner: Pubkey
    amount: int
    delegate: Pubkey | None
    delegated_amount: int
    state: str
    native_reserve: int | None
    close_authority: Pubkey | None


def associated_token_address(
    owner: Pubkey, mint: Pubkey, token_program: Pubkey = TOKEN_PROGRAM
) -> Pubkey:
    """The address where a wallet keeps a token."""
    seeds = [bytes(owner), bytes(token_program), bytes(mint)]
    return Pubkey.find_program_address(seeds, ASSOCIATED_TOKEN_PROGRAM)[0]


def read_mint(account: Account | None) -> Mint | None:
    """The mint in an account, None if there is none."""
    if account is None or account.owner not in TOKEN_PROGRAMS:
        return None
    data = account.data
    is_extended_mint = len(data) > _ACCOUNT_TYPE_OFFSET and data[_ACCOUNT_TYPE_OFFSET] == _TYPE_MINT
    if len(data) != MINT_SIZE and not is_extended_mint:
        return None
    has_authority, authority, supply, decimals, initialized, has_freeze, freeze = _MINT.unpack_from(
        data
    )
    if not initialized:
        return None
    return Mint(
        decimals,
        supply,
        Pubkey(authority) if has_authority else None,
        Pubkey(freeze) if has_freeze else None,
    )


def read_token_account(account: Account | None) -> TokenAccount | None:
    """The token account in an account, None if there is none."""
    if account is None or account.owner not in TOKEN_PROGRAMS:
        return None
    data = account.data
    if len(data) < TOKEN_ACCOUNT_SIZE or (
        len(data) > _ACCOUNT_TYPE_OFFSET and data[_ACCOUNT_TYPE_OFFSET] == _TYPE_MINT
    ):
        return None
    (
        mint,
        owner,
        amount,
        has_delegate,
        delegate,
        state,
        is_native,
        native_reserve,
        delegated_amount,
        has_close_authority,
        close_authority,
    ) = _TOKEN_ACCOUNT.unpack_from(data)
    if state not in _STATES:
        return None
    return TokenAccount(
        Pubkey(mint),
        Pubkey(owner),
        amount,
        Pubkey(delegate) if has_delegate else None,
        delegated_amount,
        _STATES[state],
        native_reserve if is_native else None,
        Pubkey(close_authority) if has_close_authority else None,
    )


def mint_bytes(*, decimals: int, supply: int, authority: Pubkey) -> bytes:
    """The data of an initialized mint without freeze authority."""
    return _MINT.pack(1, bytes(authority), supply, decimals, 1, 0, bytes(32))


def token_account_bytes(*, mint: Pubkey, owner: Pubkey, amount: int) -> bytes:
    """The data of an initialized token account."""
    nothing = bytes(32)
    return _TOKEN_ACCOUNT.pack(
        bytes(mint), bytes(owner), amount, 0, nothing, 1, 0, 0, 0, 0, nothing
    )


def ui_amount(amount: int, decimals: int) -> dict[str, Json]:
    """A token amount as JSON-RPC shows it."""
    exact = Decimal(amount).scaleb(-decimals)
    text = f"{exact:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    # uiAmount is a JSON number on the wire, deprecated there for just that reason.
    return {
        "amount": str(amount),
        "decimals": decimals,
        "uiAmount": float(text),
        "uiAmountString": text,
    }


def token_gift(
    *,
    payer: Pubkey,
    source: Pubkey,
    owner: Pubkey,
    mint: Pubkey,
    program: Pubkey,
    amount: int,
    decimals: int,
) -> tuple[list[Instruction], Pubkey]:
    """Instructions that make the owner's account if it is missing, and pay into it."""
    target = associated_token_address(owner, mint, program)
    make = Instruction(
        ASSOCIATED_TOKEN_PROGRAM,
        bytes([1]),
        [
            AccountMeta(payer, is_signer=True, is_writable=True),
            AccountMeta(target, is_signer=False, is_writable=True),
            AccountMeta(owner, is_signer=False, is_writable=False),
            AccountMeta(mint, is_signer=False, is_writable=False),
            AccountMeta(SYSTEM_PROGRAM, is_signer=False, is_writable=False),
            AccountMeta(program, is_signer=False, is_writable=False),
        ],
    )
    move = Instruction(
        program,
        struct.pack("<BQB", 12, amount, decimals),
        [
            AccountMeta(source, is_signer=False, is_writable=True),
            AccountMeta(mint, is_signer=False, is_writable=False),
            AccountMeta(target, is_signer=False, is_writable=True),
            AccountMeta(payer, is_signer=True, is_writable=False),
        ],
    )
    return [make, move], target
