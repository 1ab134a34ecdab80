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
from drift.layouts.deployments import TOKEN_PROGRAM_ID, Capability, Collateral, Deployment
from drift.policy_bytes import ModifyTerms, OrderTerms, pack_modify, pack_order
from drift.wallet_policy import SYSTEM_PROGRAM, WalletPolicy, exactly

RENT_SYSVAR = "SysvarRent111111111111111111111111111111111"
QUOTE_MARKET = 0
SUB_ACCOUNT = 0
_TRY_SETTLE = 1


class Policy(WalletPolicy):
    """The allowed instructions of one deployment for one wallet's own sub-account 0."""

    def __init__(self, deployment: Deployment, wallet: str) -> None:
        super().__init__(wallet)
        self._deployment = deployment
        self._program = deployment.program_id
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

    def deposit(self, *, token: Collateral, amount: int) -> AllowedInstruction:
        """From the wallet's own account of the token into the venue's vault of it."""
        places = {
            0: self._state,
            1: self._user,
            2: self._stats,
            3: self._wallet,
            4: self._vault(token.market_index),
            5: self._token_account(self._wallet, token.mint),
            6: TOKEN_PROGRAM_ID,
        }
        return self._venue(
            "deposit", struct.pack("<HQ?", token.market_index, amount, False), places
        )

    def withdraw(self, *, token: Collateral, amount: int) -> AllowedInstruction:
        """Out of the venue's vault into the wallet's own account of the token, lent nothing."""
        places = {
            0: self._state,
            1: self._user,
            2: self._stats,
            3: self._wallet,
            4: self._vault(token.market_index),
            5: self._derived(self._deployment.signer_seed.encode()),
            6: self._token_account(self._wallet, token.mint),
            7: TOKEN_PROGRAM_ID,
        }
        return self._venue(
            "withdraw", struct.pack("<HQ?", token.market_index, amount, True), places
        )

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

    def modify_order(self, terms: ModifyTerms) -> AllowedInstruction:
        """A change of one order that must be there."""
        data = pack_modify(
            terms, wide_offset=Capability.WIDE_ORACLE_OFFSETS in self._deployment.capabilities
        )
        return self._venue("modify_order", data, self._trading)

    def settle_pnl(self, *, market_index: int) -> AllowedInstruction:
        return self._venue("settle_pnl", struct.pack("<H", market_index), self._settling())

    def settle_multiple_pnls(self, *, market_indexes: Sequence[int]) -> AllowedInstruction:
        """As far as they can be: what cannot be settled stops nothing."""
        count = len(market_indexes)
        data = struct.pack(f"<I{count}HB", count, *market_indexes, _TRY_SETTLE)
        return self._venue("settle_multiple_pnls", data, self._settling())

    def _packed(self, terms: OrderTerms) -> bytes:
        known = self._deployment.capabilities
        return pack_order(
            terms,
            wide_offset=Capability.WIDE_ORACLE_OFFSETS in known,
            builder_fees=Capability.BUILDER_FEES in known,
        )

    def _venue(self, name: str, args: bytes, places: dict[int, str]) -> AllowedInstruction:
        sign = hashlib.sha256(f"global:{name}".encode()).digest()[:8]
        return exactly(self._program, sign + args, places)

    def _derived(self, *seeds: bytes) -> str:
        program = Pubkey.from_string(self._deployment.program_id)
        return str(Pubkey.find_program_address(list(seeds), program)[0])

    def _vault(self, market_index: int) -> str:
        return self._derived(b"spot_market_vault", struct.pack("<H", market_index))

    def _settling(self) -> dict[int, str]:
        return self._trading | {3: self._vault(QUOTE_MARKET)}


def _creation(*, after: int = 3) -> dict[int, str]:
    return {after + 1: RENT_SYSVAR, after + 2: SYSTEM_PROGRAM}
