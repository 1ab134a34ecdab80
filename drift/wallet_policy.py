"""What a wallet's own tokens and SOL may do in an act of the venue, to the byte; written apart from
what builds it."""

from __future__ import annotations

import struct

from solders.pubkey import Pubkey

from chain.messages import AllowedInstruction
from drift.layouts.deployments import TOKEN_PROGRAM_ID, WRAPPED_SOL_MINT, Collateral

SYSTEM_PROGRAM = "11111111111111111111111111111111"
ASSOCIATED_TOKEN_PROGRAM = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"  # noqa: S105
_SYSTEM_TRANSFER = 2
_CLOSE_ACCOUNT, _TRANSFER_CHECKED = 9, 12


class WalletPolicy:
    """The allowed instructions beside the venue's own, for one wallet."""

    def __init__(self, wallet: str) -> None:
        self._wallet = wallet

    def fee_float(self, *, payer: str, lamports: int) -> AllowedInstruction:
        """SOL from the sponsor to the wallet."""
        data = struct.pack("<IQ", _SYSTEM_TRANSFER, lamports)
        return exactly(SYSTEM_PROGRAM, data, {0: payer, 1: self._wallet})

    def make_token_account(self, *, owner: str, payer: str, mint: str) -> AllowedInstruction:
        """The owner's associated account of the token, if it is not there."""
        places = {
            0: payer,
            1: self._token_account(owner, mint),
            2: owner,
            3: mint,
            4: SYSTEM_PROGRAM,
            5: TOKEN_PROGRAM_ID,
        }
        return exactly(ASSOCIATED_TOKEN_PROGRAM, b"\x01", places)

    def sponsor_fee(self, *, payer: str, token: Collateral, amount: int) -> AllowedInstruction:
        """Tokens from the wallet to whoever pays for it."""
        data = struct.pack("<BQB", _TRANSFER_CHECKED, amount, token.decimals)
        places = {
            0: self._token_account(self._wallet, token.mint),
            1: token.mint,
            2: self._token_account(payer, token.mint),
            3: self._wallet,
        }
        return exactly(TOKEN_PROGRAM_ID, data, places)

    def wrap(self, *, lamports: int) -> AllowedInstruction:
        """SOL from the wallet to the place of its own account of wrapped SOL."""
        wrapped = self._token_account(self._wallet, WRAPPED_SOL_MINT)
        data = struct.pack("<IQ", _SYSTEM_TRANSFER, lamports)
        return exactly(SYSTEM_PROGRAM, data, {0: self._wallet, 1: wrapped})

    def unwrap(self) -> AllowedInstruction:
        """Close the wallet's own account of wrapped SOL; all of it goes to the wallet."""
        wrapped = self._token_account(self._wallet, WRAPPED_SOL_MINT)
        places = {0: wrapped, 1: self._wallet, 2: self._wallet}
        return exactly(TOKEN_PROGRAM_ID, bytes([_CLOSE_ACCOUNT]), places)

    @staticmethod
    def _token_account(owner: str, mint: str) -> str:
        seeds = [bytes(Pubkey.from_string(part)) for part in (owner, TOKEN_PROGRAM_ID, mint)]
        program = Pubkey.from_string(ASSOCIATED_TOKEN_PROGRAM)
        return str(Pubkey.find_program_address(seeds, program)[0])


def exactly(program: str, data: bytes, places: dict[int, str]) -> AllowedInstruction:
    return AllowedInstruction(
        program=program, data=data, accounts=tuple(sorted(places.items())), whole=True
    )
