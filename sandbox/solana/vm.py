"""LiteSVM as a machine that runs what it is told: the chain around it checks and charges."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from solders.account import Account
from solders.compute_budget import set_compute_unit_limit
from solders.hash import Hash
from solders.instruction import Instruction
from solders.litesvm import LiteSVM
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import (
    FailedTransactionMetadata,
    InnerInstruction,
    TransactionMetadata,
)

from sandbox.solana.known import BUILTIN_UNITS, SYSTEM_PROGRAM
from sandbox.state import Json

_HOUSE = Pubkey.from_bytes(b"sandbox pays for instructions   ")
"""Pays the VM's own fee for single instructions, so that nobody's balance shows it."""
_HOUSE_LAMPORTS = 10**15
_NOBODY = Account(0, b"", SYSTEM_PROGRAM)


@dataclass(frozen=True, slots=True)
class InnerCall:
    """A call made by a program."""

    program_id: Pubkey
    accounts: tuple[Pubkey, ...]
    data: bytes
    stack_height: int


@dataclass(slots=True)
class Run:
    """What running something in the VM gave."""

    error: Json
    logs: list[str]
    units: int
    inner: dict[int, list[InnerCall]] = field(default_factory=dict)
    return_data: tuple[Pubkey, bytes] | None = None


class Machine:
    """Runs transactions and instructions; signatures and blockhashes are not looked at."""

    def __init__(self) -> None:
        self._svm = (
            LiteSVM()
            .with_sigverify(False)
            .with_blockhash_check(False)
            .with_log_bytes_limit(None)
            .with_transaction_history(0)
        )

    def account(self, pubkey: Pubkey) -> Account | None:
        """The account, None if it has no lamports."""
        account = self._svm.get_account(pubkey)
        return account if account is not None and account.lamports > 0 else None

    def set_account(self, pubkey: Pubkey, account: Account | None) -> None:
        """Write an account; None removes it."""
        self._svm.set_account(pubkey, account or _NOBODY)

    def add_program(self, program_id: Pubkey, file: Path) -> None:
        """Load a compiled program."""
        self._svm.add_program(program_id, file.read_bytes())

    def rent(self, size: int) -> int:
        return int(self._svm.minimum_balance_for_rent_exemption(size))

    def set_clock(self, *, slot: int, unix_timestamp: int, epoch: int) -> None:
        """Set the clock sysvar."""
        clock = self._svm.get_clock()
        clock.slot = slot
        clock.unix_timestamp = unix_timestamp
        clock.epoch = epoch
        clock.leader_schedule_epoch = epoch + 1
        self._svm.set_clock(clock)

    def set_slot_hashes(self, hashes: list[tuple[int, Hash]]) -> None:
        """Set the sysvar that lookup tables are made and read by."""
        self._svm.set_slot_hashes(hashes)

    def run_transaction(self, transaction: VersionedTransaction, keys: tuple[Pubkey, ...]) -> Run:
        """Run a whole transaction; its changes stay in the VM, even the fee of a failure."""
        run = self._run(transaction, keys)
        if isinstance(run.error, dict) and "InstructionError" not in run.error:
            run.logs = []
        return run

    def run_instruction(self, instruction: Instruction, *, unit_limit: int) -> Run:
        """Run one instruction with the signers its metas name; an error is that instruction's."""
        self._svm.set_account(_HOUSE, Account(_HOUSE_LAMPORTS, b"", SYSTEM_PROGRAM))
        limit = set_compute_unit_limit(unit_limit + BUILTIN_UNITS)
        message = MessageV0.try_compile(_HOUSE, [limit, instruction], [], Hash.default())
        signatures = [Signature.default()] * message.header.num_required_signatures
        transaction = VersionedTransaction.populate(message, signatures)
        run = self._run(transaction, tuple(message.account_keys))
        run.logs = run.logs[2:]
        run.units = max(0, run.units - BUILTIN_UNITS)
        run.inner = {0: run.inner.get(1, [])}
        if isinstance(run.error, dict) and "InstructionError" in run.error:
            run.error = run.error["InstructionError"][1]
        return run

    def _run(self, transaction: VersionedTransaction, keys: tuple[Pubkey, ...]) -> Run:
        result = self._svm.send_transaction(transaction)
        if isinstance(result, FailedTransactionMetadata):
            return _as_run(result.meta(), keys, error=json.loads(result.to_json())["err"])
        return _as_run(result, keys, error=None)


def _as_run(meta: TransactionMetadata, keys: tuple[Pubkey, ...], *, error: Json) -> Run:
    returned = meta.return_data()
    return Run(
        error=error,
        logs=list(meta.logs()),
        units=meta.compute_units_consumed(),
        inner={
            index: list(_inner_calls(calls, keys))
            for index, calls in enumerate(meta.inner_instructions())
            if calls
        },
        return_data=(returned.program_id, bytes(returned.data)) if returned.data else None,
    )


def _inner_calls(
    calls: Iterable[InnerInstruction], keys: tuple[Pubkey, ...]
) -> Iterable[InnerCall]:
    for call in calls:
        compiled = call.instruction()
        yield InnerCall(
            keys[compiled.program_id_index],
            tuple(keys[index] for index in bytes(compiled.accounts)),
            bytes(compiled.data),
            call.stack_height(),
        )
