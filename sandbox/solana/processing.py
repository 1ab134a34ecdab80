"""Checks, charges and runs transactions, and undoes what must not last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from solders.account import Account
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from sandbox.solana.accounts import AccountStore
from sandbox.solana.execution import execute
from sandbox.solana.known import LOOKUP_TABLE_PROGRAM, SLOTS_PER_EPOCH, SYSTEM_PROGRAM
from sandbox.solana.ledger import Ledger, TransactionRecord
from sandbox.solana.logs import truncate
from sandbox.solana.programs import ChainClock, EmulatedProgram
from sandbox.solana.recording import Balances, make_record
from sandbox.solana.slots import SlotLine
from sandbox.solana.transactions import (
    LoadedTransaction,
    TransactionRejected,
    is_signed,
    load_transaction,
)
from sandbox.solana.vm import Machine, Run
from sandbox.state import Json

LOOKUP_SLOTS = 512


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a transaction would do."""

    run: Run
    accounts: Mapping[Pubkey, Account | None]


@dataclass(slots=True)
class Bank:
    """The state that transactions change, with the rules of the real bank around the VM."""

    machine: Machine
    slots: SlotLine
    accounts: AccountStore
    ledger: Ledger
    programs: dict[Pubkey, EmulatedProgram]

    def account(self, pubkey: Pubkey) -> Account | None:
        """The account as processed now: ours, or one the VM brought along (programs, sysvars)."""
        if pubkey in self.accounts:
            return self.accounts.read(pubkey)
        return self.machine.account(pubkey)

    def set_account(self, pubkey: Pubkey, account: Account | None) -> None:
        """Write an account directly; None or no lamports removes it."""
        kept = account if account is not None and account.lamports > 0 else None
        self.machine.set_account(pubkey, kept)
        self.accounts.write(pubkey, kept, slot=self.slots.slot)

    def process(
        self,
        transaction: VersionedTransaction,
        *,
        clock: ChainClock,
        internal: bool,
        check_signatures: bool,
        check_blockhash: bool,
        forced_error: Json = None,
    ) -> TransactionRecord:
        """Put a transaction into the slot of `clock`; raises TransactionRejected.

        With `forced_error` it fails so whatever it would have done, as on another fork.
        """
        loaded = self._check(
            transaction,
            check_signatures=check_signatures,
            check_blockhash=check_blockhash,
            # A recording's transactions come unsigned, so all alike.
            check_duplicate=check_signatures,
        )
        before = Balances.of(loaded, self.account)
        originals = {key: self.account(key) for key in loaded.writable_keys}
        run = self._run(loaded, originals, clock, forced_error)
        for key, original in originals.items():
            account = self.machine.account(key)
            if account != original:
                self.accounts.write(key, account, slot=clock.slot, by_transaction=True)
        record = make_record(
            loaded,
            run,
            clock=clock,
            before=before,
            after=Balances.of(loaded, self.account),
            internal=internal,
        )
        self.ledger.append(record)
        return record

    def roll_back(self, slot: int) -> list[TransactionRecord]:
        """Undo all blocks after `slot`: what their transactions wrote, and that they were there.

        Gives their records, oldest first. What cheats wrote before them, or elsewhere, stays.
        """
        for key, account in self.accounts.forget_since(slot, now=self.slots.slot).items():
            self.machine.set_account(key, account)
        return self.ledger.take_back_since(slot)

    def simulate(
        self,
        transaction: VersionedTransaction,
        *,
        clock: ChainClock,
        check_signatures: bool,
        check_blockhash: bool,
    ) -> Simulation:
        """Run a transaction and undo it; raises TransactionRejected."""
        loaded = self._check(
            transaction,
            check_signatures=check_signatures,
            check_blockhash=check_blockhash,
            check_duplicate=True,
        )
        originals = {key: self.account(key) for key in loaded.writable_keys}
        run = self._run(loaded, originals, clock)
        accounts = {key: self.machine.account(key) for key in loaded.keys}
        self._restore(originals)
        return Simulation(replace(run, logs=truncate(run.logs)), accounts)

    def _check(
        self,
        transaction: VersionedTransaction,
        *,
        check_signatures: bool,
        check_blockhash: bool,
        check_duplicate: bool,
    ) -> LoadedTransaction:
        if check_signatures and not is_signed(transaction):
            raise TransactionRejected("SignatureFailure")
        if check_blockhash and not self.slots.is_valid(transaction.message.recent_blockhash):
            raise TransactionRejected("BlockhashNotFound")
        loaded = load_transaction(transaction, self.account)
        if check_duplicate and self.ledger.find(loaded.signature) is not None:
            raise TransactionRejected("AlreadyProcessed")
        self._check_programs(loaded)
        self._check_payer(loaded)
        return loaded

    def _check_programs(self, loaded: LoadedTransaction) -> None:
        for instruction in loaded.instructions:
            if instruction.program_id in self.programs:
                continue
            program = self.account(instruction.program_id)
            if program is None:
                raise TransactionRejected("ProgramAccountNotFound")
            if not program.executable:
                raise TransactionRejected("InvalidProgramForExecution")

    def _check_payer(self, loaded: LoadedTransaction) -> None:
        payer = self.account(loaded.payer)
        if payer is None:
            raise TransactionRejected("AccountNotFound")
        if payer.owner != SYSTEM_PROGRAM:
            raise TransactionRejected("InvalidAccountForFee")
        left = payer.lamports - loaded.fee
        if left < 0:
            raise TransactionRejected("InsufficientFundsForFee")
        if 0 < left < self.machine.rent(len(payer.data)) <= payer.lamports:
            raise TransactionRejected({"InsufficientFundsForRent": {"account_index": 0}})

    def _run(
        self,
        loaded: LoadedTransaction,
        originals: Mapping[Pubkey, Account | None],
        clock: ChainClock,
        forced_error: Json = None,
    ) -> Run:
        # Afterwards the machine holds the outcome, whichever it is.
        self._set_sysvars(loaded, clock)
        payer = originals[loaded.payer]
        if payer is None:
            raise TransactionRejected("AccountNotFound")
        charged = with_lamports(payer, payer.lamports - loaded.fee)
        stepped = any(item.program_id in self.programs for item in loaded.instructions)
        # The VM takes the signature fee itself when it runs a whole transaction.
        own_fee = 0 if stepped else loaded.fee - loaded.priority_fee
        self.machine.set_account(loaded.payer, with_lamports(charged, charged.lamports + own_fee))
        run = execute(loaded, machine=self.machine, emulated=self.programs, clock=clock)
        if run.error is None:
            poor = self._poor_account(loaded, originals)
            if poor is not None:
                run = replace(run, error={"InsufficientFundsForRent": {"account_index": poor}})
        if run.error is None and forced_error is not None:
            run = replace(run, error=forced_error)
        if run.error is not None:
            self._restore({**originals, loaded.payer: charged})
        return run

    def _set_sysvars(self, loaded: LoadedTransaction, clock: ChainClock) -> None:
        self.machine.set_clock(
            slot=clock.slot,
            unix_timestamp=clock.unix_timestamp,
            epoch=clock.slot // SLOTS_PER_EPOCH,
        )
        if len(loaded.keys) > loaded.static_count or LOOKUP_TABLE_PROGRAM in loaded.keys:
            slots = range(clock.slot - 1, clock.slot - 1 - LOOKUP_SLOTS, -1)
            self.machine.set_slot_hashes([(slot, self.slots.blockhash(slot)) for slot in slots])

    def _poor_account(
        self, loaded: LoadedTransaction, originals: Mapping[Pubkey, Account | None]
    ) -> int | None:
        for index, key in enumerate(loaded.keys):
            after = self.machine.account(key) if key in originals else None
            if after is None or after.lamports >= self.machine.rent(len(after.data)):
                continue
            before = originals[key]
            stays_poor = (
                before is not None
                and before.lamports < self.machine.rent(len(before.data))
                and after.lamports <= before.lamports
            )
            if not stays_poor:
                return index
        return None

    def _restore(self, accounts: Mapping[Pubkey, Account | None]) -> None:
        for key, account in accounts.items():
            if self.machine.account(key) != account:
                self.machine.set_account(key, account)


def with_lamports(account: Account, lamports: int) -> Account:
    """The same account with another balance."""
    return Account(lamports, account.data, account.owner, account.executable, account.rent_epoch)
