"""What each instruction of an act may be, to the byte, written apart from what builds them.

Whoever builds a message wrongly, or is made to, must not also decide that it is right: so the
arguments are packed here by hand, and every account through which money or rights could leave
is named by its place.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

from solders.pubkey import Pubkey

from chain.messages import AllowedInstruction
from drift.layouts.deployments import TOKEN_PROGRAM_ID, Capability, Deployment
from drift.policy_bytes import OrderTerms, pack_order

SYSTEM_PROGRAM = "11111111111111111111111111111111"
RENT_SYSVAR = "SysvarRent111111111111111111111111111111111"
ASSOCIATED_TOKEN_PROGRAM = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"  # noqa: S105
QUOTE_MARKET = 0
SUB_ACCOUNT = 0


class Policy:
    """The allowed instructions of one deployment for one wallet's own sub-account 0."""

    def __init__(self, deployment: Deployment, wallet: str) -> None:
        self._deployment = deployment
        self._program = deployment.program_id
        self._wallet = wallet
        self._state = self._derived(deployment.state_seed.encode())
        key = bytes(Pubkey.from_string(wallet))
        self._user = self._derived(b"user", key, struct.pack("<H", SUB_ACCOUNT))
        self._stats = self._derived(b"user_stats", key)
        self._trading = {0: self._state, 1: self._user, 2: wallet}

    def initialize_user_stats(self, *, payer: str) -> AllowedInstruction:
        places = {0: self._stats, 1: self._state, 2: self._wallet, 3: payer}
        return self._venue("initialize_user_stats", b"", places | _creation())

    def initialize_user(self, *, payer: str, name: str) -> AllowedInstruction:
        data = struct.pack("<H", SUB_ACCOUNT) + name.encode().ljust(32)
        places = {0: self._user, 1: self._stats, 2: self._state, 3: self._wallet, 4: payer}
        return self._venue("initialize_user", data, places | _creation(after=4))

    def deposit(self, *, amount: int) -> AllowedInstruction:
        """From the wallet's own account of the quote token into the venue's vault of it."""
        vault = self._derived(b"spot_market_vault", struct.pack("<H", QUOTE_MARKET))
        places = {
            0: self._state,
            1: self._user,
            2: self._stats,
            3: self._wallet,
            4: vault,
            5: self._token_account(self._wallet),
            6: TOKEN_PROGRAM_ID,
        }
        return self._venue("deposit", struct.pack("<HQ?", QUOTE_MARKET, amount, False), places)

    def place_order(self, terms: OrderTerms) -> AllowedInstruction:
        """One order, to its last byte: nobody else's fee."""
        return self._venue("place_perp_order", self._packed(terms), self._trading)

    def place_orders(self, orders: Sequence[OrderTerms]) -> AllowedInstruction:
        """Several orders, each to its last byte."""
        data = struct.pack("<I", len(orders)) + b"".join(map(self._packed, orders))
        return self._venue("place_orders", data, self._trading)

    def place_and_take(self, terms: OrderTerms) -> AllowedInstruction:
        """One order that fills at once; no condition on how much, no maker's order."""
        places = {0: self._state, 1: self._user, 2: self._stats, 3: self._wallet}
        data = self._packed(terms) + b"\0"
        return self._venue("place_and_take_perp_order", data, places)

    def cancel_orders(self, *, order_ids: tuple[int, ...]) -> AllowedInstruction:
        data = struct.pack(f"<I{len(order_ids)}I", len(order_ids), *order_ids)
        return self._venue("cancel_orders_by_ids", data, self._trading)

    def fee_float(self, *, payer: str, lamports: int) -> AllowedInstruction:
        """SOL from the sponsor to the wallet."""
        data = struct.pack("<IQ", 2, lamports)
        return _exactly(SYSTEM_PROGRAM, data, {0: payer, 1: self._wallet})

    def make_token_account(self, *, owner: str, payer: str) -> AllowedInstruction:
        places = {
            0: payer,
            1: self._token_account(owner),
            2: owner,
            3: self._deployment.quote_mint,
            4: SYSTEM_PROGRAM,
            5: TOKEN_PROGRAM_ID,
        }
        return _exactly(ASSOCIATED_TOKEN_PROGRAM, b"\x01", places)

    def sponsor_fee(self, *, payer: str, amount: int) -> AllowedInstruction:
        """Quote tokens from the wallet to whoever pays for it."""
        data = struct.pack("<BQB", 12, amount, self._deployment.quote_decimals)
        places = {
            0: self._token_account(self._wallet),
            1: self._deployment.quote_mint,
            2: self._token_account(payer),
            3: self._wallet,
        }
        return _exactly(TOKEN_PROGRAM_ID, data, places)

    def _packed(self, terms: OrderTerms) -> bytes:
        known = self._deployment.capabilities
        return pack_order(
            terms,
            wide_offset=Capability.WIDE_ORACLE_OFFSETS in known,
            builder_fees=Capability.BUILDER_FEES in known,
        )

    def _venue(self, name: str, args: bytes, places: dict[int, str]) -> AllowedInstruction:
        sign = hashlib.sha256(f"global:{name}".encode()).digest()[:8]
        return _exactly(self._program, sign + args, places)

    def _derived(self, *seeds: bytes) -> str:
        program = Pubkey.from_string(self._deployment.program_id)
        return str(Pubkey.find_program_address(list(seeds), program)[0])

    def _token_account(self, owner: str) -> str:
        parts = (owner, TOKEN_PROGRAM_ID, self._deployment.quote_mint)
        seeds = [bytes(Pubkey.from_string(part)) for part in parts]
        program = Pubkey.from_string(ASSOCIATED_TOKEN_PROGRAM)
        return str(Pubkey.find_program_address(seeds, program)[0])


def _creation(*, after: int = 3) -> dict[int, str]:
    return {after + 1: RENT_SYSVAR, after + 2: SYSTEM_PROGRAM}


def _exactly(program: str, data: bytes, places: dict[int, str]) -> AllowedInstruction:
    return AllowedInstruction(
        program=program, data=data, accounts=tuple(sorted(places.items())), whole=True
    )
