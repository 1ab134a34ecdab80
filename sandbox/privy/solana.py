"""Solana transactions as Privy reads them: who must sign, and what each instruction says."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from solders.keypair import Keypair
from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.transaction import SanitizeError, VersionedTransaction

from sandbox.privy.errors import invalid_data

LARGEST_TRANSACTION = 1232
SIGNATURE_LENGTH = 64
SYSTEM_PROGRAM = "11111111111111111111111111111111"
TOKEN_PROGRAMS = (
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
)
IN_LOOKUP_TABLE = None
"""Stands for an account whose address only a lookup table holds."""

SYSTEM_INSTRUCTIONS = (
    "CreateAccount",
    "Assign",
    "Transfer",
    "CreateAccountWithSeed",
    "AdvanceNonceAccount",
    "WithdrawNonceAccount",
    "InitializeNonceAccount",
    "AuthorizeNonceAccount",
    "Allocate",
    "AllocateWithSeed",
    "AssignWithSeed",
    "TransferWithSeed",
    "UpgradeNonceAccount",
)

# Name, accounts by position, whether an amount follows. Approve, ApproveChecked and SetAuthority
# are missing on purpose: Privy does not decode them either.
TOKEN_INSTRUCTIONS: dict[int, tuple[str, tuple[str, ...], bool]] = {
    3: ("Transfer", ("source", "destination", "authority"), True),
    7: ("MintTo", ("mint", "account", "authority"), True),
    8: ("Burn", ("account", "mint", "authority"), True),
    9: ("CloseAccount", ("account", "destination", "authority"), False),
    12: ("TransferChecked", ("source", "mint", "destination", "authority"), True),
    18: ("InitializeAccount3", ("account", "mint"), False),
}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its program and, where decoded, its name and fields."""

    program_id: str
    name: str | None
    fields: dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class WireTransaction:
    """A transaction as it came, with what is needed to sign and judge it."""

    raw: bytes
    message: bytes
    signers: tuple[str, ...]
    instructions: tuple[Instruction, ...]

    def signed_by(self, keypair: Keypair, *, over: bytes | None = None) -> bytes:
        """The same bytes with this key's signature in its place."""
        index = self.signers.index(str(keypair.pubkey()))
        start = 1 + index * SIGNATURE_LENGTH
        signature = bytes(keypair.sign_message(self.message if over is None else over))
        return self.raw[:start] + signature + self.raw[start + SIGNATURE_LENGTH :]


def read_transaction(text: str) -> WireTransaction:
    """Parse a base64 legacy or v0 transaction; anything else is refused."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise invalid_data("`params.transaction` is not base64") from error
    if len(raw) > LARGEST_TRANSACTION:
        raise invalid_data(f"The transaction is larger than {LARGEST_TRANSACTION} bytes")
    try:
        transaction = VersionedTransaction.from_bytes(raw)
        transaction.sanitize()
    except (ValueError, SanitizeError) as error:
        raise invalid_data("The transaction could not be parsed") from error
    message = transaction.message
    if bytes(transaction) != raw or not isinstance(message, Message | MessageV0):
        raise invalid_data("The transaction could not be parsed")
    keys = [str(key) for key in message.account_keys]
    return WireTransaction(
        raw=raw,
        message=bytes(to_bytes_versioned(message)),
        signers=tuple(keys[: message.header.num_required_signatures]),
        instructions=tuple(
            _decode(keys[each.program_id_index], _accounts(keys, each.accounts), bytes(each.data))
            for each in message.instructions
        ),
    )


def _accounts(keys: Sequence[str], indexes: bytes) -> list[str | None]:
    return [keys[index] if index < len(keys) else IN_LOOKUP_TABLE for index in indexes]


def _decode(program_id: str, accounts: list[str | None], data: bytes) -> Instruction:
    if program_id == SYSTEM_PROGRAM:
        return _decode_system(accounts, data)
    if program_id in TOKEN_PROGRAMS:
        return _decode_token(program_id, accounts, data)
    return Instruction(program_id, None, {})


def _decode_system(accounts: list[str | None], data: bytes) -> Instruction:
    number = int.from_bytes(data[:4], "little")
    if len(data) < 4 or number >= len(SYSTEM_INSTRUCTIONS):
        return Instruction(SYSTEM_PROGRAM, None, {})
    name = SYSTEM_INSTRUCTIONS[number]
    fields: dict[str, str | int | None] = {}
    if name == "Transfer" and len(data) == 12 and len(accounts) >= 2:
        fields = {
            "Transfer.from": accounts[0],
            "Transfer.to": accounts[1],
            "Transfer.lamports": int.from_bytes(data[4:12], "little"),
        }
    return Instruction(SYSTEM_PROGRAM, name, fields)


def _decode_token(program_id: str, accounts: list[str | None], data: bytes) -> Instruction:
    known = TOKEN_INSTRUCTIONS.get(data[0]) if data else None
    if known is None or len(accounts) < len(known[1]) or (known[2] and len(data) < 9):
        return Instruction(program_id, None, {})
    name, roles, has_amount = known
    fields: dict[str, str | int | None] = {
        f"{name}.{role}": accounts[position] for position, role in enumerate(roles)
    }
    if has_amount:
        fields[f"{name}.amount"] = int.from_bytes(data[1:9], "little")
    if name == "InitializeAccount3" and len(data) == 33:
        fields[f"{name}.owner"] = str(Pubkey.from_bytes(data[1:33]))
    return Instruction(program_id, name, fields)
