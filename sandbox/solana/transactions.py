"""A transaction as a validator loads it: decoded, checked, with its addresses looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from sandbox.solana.known import (
    COMPUTE_BUDGET_PROGRAM,
    DEFAULT_UNITS_PER_INSTRUCTION,
    LAMPORTS_PER_SIGNATURE,
    LOOKUP_TABLE_PROGRAM,
    MAX_COMPUTE_UNITS,
    MEMO_PROGRAMS,
)
from sandbox.state import Json

LOOKUP_TABLE_HEADER = 56
MICRO = 1_000_000


class TransactionRejected(Exception):
    """A transaction that cannot enter a block; nothing is charged. `error` is as in JSON-RPC."""

    def __init__(self, error: Json) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class LoadedInstruction:
    """One instruction, by account positions (as recorded) and by address (as executed)."""

    program_id: Pubkey
    account_indexes: tuple[int, ...]
    data: bytes
    program_index: int


@dataclass(frozen=True)
class LoadedTransaction:
    """A transaction whose accounts are known."""

    transaction: VersionedTransaction
    raw: bytes
    signature: str
    version: Json
    keys: tuple[Pubkey, ...]
    static_count: int
    loaded_writable_count: int

    @cached_property
    def instructions(self) -> tuple[LoadedInstruction, ...]:
        """The instructions in order."""
        return tuple(
            LoadedInstruction(
                self.keys[compiled.program_id_index],
                tuple(compiled.accounts),
                bytes(compiled.data),
                compiled.program_id_index,
            )
            for compiled in self.transaction.message.instructions
        )

    @cached_property
    def signer_count(self) -> int:
        return int(self.transaction.message.header.num_required_signatures)

    def is_signer(self, index: int) -> bool:
        return index < self.signer_count

    def is_writable(self, index: int) -> bool:
        """Whether the message asks for write access and may have it."""
        return self._asks_to_write(index) and index not in self._program_indexes

    @cached_property
    def _program_indexes(self) -> frozenset[int]:
        return frozenset(instruction.program_index for instruction in self.instructions)

    def _asks_to_write(self, index: int) -> bool:
        header = self.transaction.message.header
        if index >= self.static_count:
            return index < self.static_count + self.loaded_writable_count
        if index < self.signer_count:
            return bool(index < self.signer_count - header.num_readonly_signed_accounts)
        return bool(index < self.static_count - header.num_readonly_unsigned_accounts)

    @cached_property
    def writable_keys(self) -> tuple[Pubkey, ...]:
        return tuple(key for index, key in enumerate(self.keys) if self.is_writable(index))

    @property
    def payer(self) -> Pubkey:
        return self.keys[0]

    def instruction(self, loaded: LoadedInstruction) -> Instruction:
        """The instruction by address, with the flags of the whole transaction."""
        return Instruction(
            loaded.program_id,
            loaded.data,
            [
                AccountMeta(self.keys[index], self.is_signer(index), self.is_writable(index))
                for index in loaded.account_indexes
            ],
        )

    @cached_property
    def compute_limits(self) -> ComputeLimits:
        """The compute budget; raises TransactionRejected for a bad or doubled request."""
        return _compute_limits(self.instructions)

    @property
    def fee(self) -> int:
        """Lamports the payer is charged, success or not."""
        return self.signer_count * LAMPORTS_PER_SIGNATURE + self.priority_fee

    @property
    def priority_fee(self) -> int:
        limits = self.compute_limits
        return -(-limits.unit_price * limits.units // MICRO)

    @cached_property
    def memo(self) -> str | None:
        """The memos, as getSignaturesForAddress shows them."""
        memos = [
            f"[{len(instruction.data)}] {instruction.data.decode(errors='replace')}"
            for instruction in self.instructions
            if instruction.program_id in MEMO_PROGRAMS
        ]
        return "; ".join(memos) or None


@dataclass(frozen=True, slots=True)
class ComputeLimits:
    """What the compute budget instructions ask for."""

    units: int
    unit_price: int
    """In millionths of a lamport."""


def _compute_limits(instructions: tuple[LoadedInstruction, ...]) -> ComputeLimits:
    seen: dict[int, int] = {}
    others = 0
    widths = {1: 4, 2: 4, 3: 8, 4: 4}
    for index, instruction in enumerate(instructions):
        if instruction.program_id != COMPUTE_BUDGET_PROGRAM:
            others += 1
            continue
        kind = instruction.data[0] if instruction.data else -1
        width = widths.get(kind)
        if width is None or len(instruction.data) < 1 + width:
            raise TransactionRejected({"InstructionError": [index, "InvalidInstructionData"]})
        if kind in seen:
            raise TransactionRejected({"DuplicateInstruction": index})
        seen[kind] = int.from_bytes(instruction.data[1 : 1 + width], "little")
    units = seen.get(2, others * DEFAULT_UNITS_PER_INSTRUCTION)
    return ComputeLimits(min(units, MAX_COMPUTE_UNITS), seen.get(3, 0))


def load_transaction(
    transaction: VersionedTransaction, read: Callable[[Pubkey], Account | None]
) -> LoadedTransaction:
    """Look up the addresses of a transaction; raises TransactionRejected if it is malformed."""
    message = transaction.message
    static = tuple(message.account_keys)
    writable: list[Pubkey] = []
    readonly: list[Pubkey] = []
    for lookup in getattr(message, "address_table_lookups", ()):
        addresses = _table(read(lookup.account_key))
        for indexes, found in (
            (lookup.writable_indexes, writable),
            (lookup.readonly_indexes, readonly),
        ):
            for index in bytes(indexes):
                if index >= len(addresses):
                    raise TransactionRejected("InvalidAddressLookupTableIndex")
                found.append(addresses[index])
    keys = (*static, *writable, *readonly)
    if len(set(keys)) != len(keys):
        raise TransactionRejected("AccountLoadedTwice")
    for compiled in message.instructions:
        used = max([compiled.program_id_index, *compiled.accounts])
        if used >= len(keys) or not 0 < compiled.program_id_index < len(static):
            raise TransactionRejected("SanitizeFailure")
    return LoadedTransaction(
        transaction=transaction,
        raw=bytes(transaction),
        signature=str(transaction.signatures[0]),
        version=0 if hasattr(message, "address_table_lookups") else "legacy",
        keys=keys,
        static_count=len(static),
        loaded_writable_count=len(writable),
    )


def _table(account: Account | None) -> list[Pubkey]:
    if account is None:
        raise TransactionRejected("AddressLookupTableNotFound")
    if account.owner != LOOKUP_TABLE_PROGRAM:
        raise TransactionRejected("InvalidAddressLookupTableOwner")
    addresses = account.data[LOOKUP_TABLE_HEADER:]
    return [Pubkey(addresses[at : at + 32]) for at in range(0, len(addresses) - 31, 32)]


def is_signed(transaction: VersionedTransaction) -> bool:
    """Whether every required signature is there and true."""
    header = transaction.message.header
    return len(transaction.signatures) == header.num_required_signatures and all(
        transaction.verify_with_results()
    )
