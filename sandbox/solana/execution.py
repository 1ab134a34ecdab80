"""Running a loaded transaction: all at once in the VM, or step by step around emulated programs."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from solders.account import Account
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from sandbox.solana.known import BUILTIN_UNITS, COMPUTE_BUDGET_PROGRAM, SYSTEM_PROGRAM
from sandbox.solana.logs import deepen, failure_text
from sandbox.solana.programs import (
    AccountReference,
    AccountView,
    ChainClock,
    EmulatedProgram,
    ProgramError,
)
from sandbox.solana.transactions import LoadedTransaction
from sandbox.solana.vm import InnerCall, Machine, Run
from sandbox.state import Json

EMULATED_UNITS = 30_000
"""What an emulated instruction is said to use, beside its calls."""
MAX_STACK_HEIGHT = 5


class CallFailed(ProgramError):
    """A called program's error, kept in JSON's form; it ends the whole transaction."""

    def __init__(self, error: Json) -> None:
        super().__init__(str(error))
        self.error = error


def error_json(failure: ProgramError) -> Json:
    """An instruction's error as JSON-RPC shows it."""
    if isinstance(failure, CallFailed):
        return failure.error
    return {"Custom": failure.code} if isinstance(failure.code, int) else failure.code


def execute(
    loaded: LoadedTransaction,
    *,
    machine: Machine,
    emulated: Mapping[Pubkey, EmulatedProgram],
    clock: ChainClock,
) -> Run:
    """Run a transaction in the machine. Its changes stay there: undoing is the caller's."""
    if not any(instruction.program_id in emulated for instruction in loaded.instructions):
        return machine.run_transaction(loaded.transaction, loaded.keys)
    return _Steps(loaded, machine, emulated, clock).run()


@dataclass(slots=True)
class _Steps:
    """A transaction that is run instruction by instruction."""

    loaded: LoadedTransaction
    machine: Machine
    emulated: Mapping[Pubkey, EmulatedProgram]
    clock: ChainClock
    logs: list[str] = field(default_factory=list)
    inner: dict[int, list[InnerCall]] = field(default_factory=dict)
    units_left: int = 0
    views: dict[Pubkey, AccountView] = field(default_factory=dict)
    _in_vm: dict[Pubkey, Account | None] = field(default_factory=dict)

    def run(self) -> Run:
        limit = self.units_left = self.loaded.compute_limits.units
        error: Json = None
        for index, loaded_instruction in enumerate(self.loaded.instructions):
            instruction = self.loaded.instruction(loaded_instruction)
            try:
                self.call(instruction, index=index, height=1)
            except ProgramError as failure:
                error = {"InstructionError": [index, error_json(failure)]}
                break
        else:
            self.write_views()
        return Run(error, self.logs, limit - self.units_left, self.inner)

    def call(self, instruction: Instruction, *, index: int, height: int) -> None:
        """Run one instruction at a stack height."""
        program = self.emulated.get(instruction.program_id)
        if instruction.program_id == COMPUTE_BUDGET_PROGRAM:
            self._compute_budget(instruction.program_id)
        elif program is None:
            self._in_machine(instruction, index=index, height=height)
        else:
            self._emulate(program, instruction, index=index, height=height)

    def _compute_budget(self, program_id: Pubkey) -> None:
        self.logs += [f"Program {program_id} invoke [1]", f"Program {program_id} success"]
        self.spend(BUILTIN_UNITS)

    def _in_machine(self, instruction: Instruction, *, index: int, height: int) -> None:
        self.write_views()
        run = self.machine.run_instruction(instruction, unit_limit=self.units_left)
        self.logs += deepen(run.logs, height - 1)
        for call in run.inner.get(0, ()):
            self.inner.setdefault(index, []).append(
                InnerCall(call.program_id, call.accounts, call.data, call.stack_height + height - 1)
            )
        self.units_left = max(0, self.units_left - run.units)
        if run.error is not None:
            raise CallFailed(run.error)
        for meta in instruction.accounts:
            self._refresh(meta.pubkey)

    def _emulate(
        self, program: EmulatedProgram, instruction: Instruction, *, index: int, height: int
    ) -> None:
        name = str(instruction.program_id)
        self.logs.append(f"Program {name} invoke [{height}]")
        available = self.units_left
        before = {meta.pubkey: self._value(meta.pubkey) for meta in instruction.accounts}
        try:
            self.spend(EMULATED_UNITS)
            program.execute(_Context(self, instruction, index, height))
            self._check_writes(instruction, before)
        except ProgramError as failure:
            self._log_consumed(name, available)
            self.logs.append(f"Program {name} failed: {failure_text(error_json(failure))}")
            raise
        self._log_consumed(name, available)
        self.logs.append(f"Program {name} success")

    def _log_consumed(self, name: str, available: int) -> None:
        self.logs.append(
            f"Program {name} consumed {available - self.units_left} of {available} compute units"
        )

    def _check_writes(
        self, instruction: Instruction, before: Mapping[Pubkey, tuple[int, bytes, Pubkey]]
    ) -> None:
        # A readonly account or a sum that changed is an emulation's bug; the real runtime would
        # refuse it too, and a test that sees this error finds the bug at once.
        writable = {meta.pubkey for meta in instruction.accounts if meta.is_writable}
        for pubkey, (lamports, data, owner) in before.items():
            view = self.view(pubkey)
            if pubkey in writable:
                continue
            if view.lamports != lamports:
                raise ProgramError("ReadonlyLamportChange")
            if bytes(view.data) != data or view.owner != owner:
                raise ProgramError("ReadonlyDataModified")
        lamports_before = sum(lamports for lamports, _, _ in before.values())
        if sum(self.view(pubkey).lamports for pubkey in before) != lamports_before:
            raise ProgramError("UnbalancedInstruction")

    def _value(self, pubkey: Pubkey) -> tuple[int, bytes, Pubkey]:
        view = self.view(pubkey)
        return view.lamports, bytes(view.data), view.owner

    def spend(self, units: int) -> None:
        if units > self.units_left:
            self.units_left = 0
            raise ProgramError("ComputationalBudgetExceeded")
        self.units_left -= units

    def view(self, pubkey: Pubkey) -> AccountView:
        """The one mutable view of an account."""
        if pubkey not in self.views:
            self.views[pubkey] = AccountView(0, bytearray(), SYSTEM_PROGRAM)
            self._refresh(pubkey)
        return self.views[pubkey]

    def _refresh(self, pubkey: Pubkey) -> None:
        view = self.views.get(pubkey)
        if view is None:
            return
        account = self._in_vm[pubkey] = self.machine.account(pubkey)
        view.lamports = account.lamports if account else 0
        view.data = bytearray(account.data if account else b"")
        view.owner = account.owner if account else SYSTEM_PROGRAM
        view.executable = account.executable if account else False

    def write_views(self) -> None:
        """Make the VM hold what emulated programs wrote."""
        for pubkey, view in self.views.items():
            known = self._in_vm[pubkey]
            same = (
                view.lamports == (known.lamports if known else 0)
                and view.data == (known.data if known else b"")
                and view.owner == (known.owner if known else SYSTEM_PROGRAM)
            )
            if same:
                continue
            account = (
                Account(view.lamports, bytes(view.data), view.owner, view.executable)
                if view.lamports > 0
                else None
            )
            self.machine.set_account(pubkey, account)
            self._in_vm[pubkey] = account


class _Context:
    """The door of one emulated instruction to its transaction."""

    def __init__(self, steps: _Steps, instruction: Instruction, index: int, height: int) -> None:
        self._steps = steps
        self._instruction = instruction
        self._named = {meta.pubkey for meta in instruction.accounts}
        self.program_id: Pubkey = instruction.program_id
        self.data = bytes(instruction.data)
        self.accounts: Sequence[AccountReference] = tuple(
            AccountReference(meta.pubkey, meta.is_signer, meta.is_writable)
            for meta in instruction.accounts
        )
        self.clock = steps.clock
        self.instruction_index = index
        self.stack_height = height

    @property
    def instructions(self) -> Sequence[Instruction]:
        loaded = self._steps.loaded
        return [loaded.instruction(instruction) for instruction in loaded.instructions]

    def account(self, pubkey: Pubkey) -> AccountView:
        if pubkey not in self._named:
            raise ProgramError("MissingAccount")
        return self._steps.view(pubkey)

    def log(self, line: str) -> None:
        self._steps.logs.append(f"Program log: {line}")

    def log_data(self, data: bytes) -> None:
        self._steps.logs.append(f"Program data: {base64.b64encode(data).decode()}")

    def invoke(self, instruction: Instruction, *, signers: Iterable[Pubkey] = ()) -> None:
        height = self.stack_height + 1
        if height > MAX_STACK_HEIGHT:
            raise ProgramError("CallDepth")
        self._check_privileges(instruction, frozenset(signers))
        self._steps.inner.setdefault(self.instruction_index, []).append(
            InnerCall(
                instruction.program_id,
                tuple(meta.pubkey for meta in instruction.accounts),
                bytes(instruction.data),
                height,
            )
        )
        self._steps.call(instruction, index=self.instruction_index, height=height)

    def _check_privileges(self, instruction: Instruction, granted: frozenset[Pubkey]) -> None:
        signers = granted | {account.pubkey for account in self.accounts if account.is_signer}
        writable = {account.pubkey for account in self.accounts if account.is_writable}
        if instruction.program_id not in self._steps.loaded.keys:
            raise ProgramError("MissingAccount")
        for meta in instruction.accounts:
            if meta.pubkey not in self._named:
                raise ProgramError("MissingAccount")
            if (meta.is_signer and meta.pubkey not in signers) or (
                meta.is_writable and meta.pubkey not in writable
            ):
                raise ProgramError("PrivilegeEscalation")

    def rent(self, size: int) -> int:
        return self._steps.machine.rent(size)
