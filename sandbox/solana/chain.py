"""The chain: slots that pass, transactions that land, programs and keepers that work."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from solders.account import Account
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from sandbox.solana.accounts import AccountStore
from sandbox.solana.known import SYSTEM_PROGRAM, TOKEN_PROGRAM, UPGRADEABLE_LOADER
from sandbox.solana.ledger import Ledger, TransactionRecord
from sandbox.solana.processing import Bank, Simulation, with_lamports
from sandbox.solana.programs import ChainClock, EmulatedProgram, Exchange
from sandbox.solana.slots import COMMITMENT_LAG, GENESIS_SLOT, SlotLine
from sandbox.solana.tokens import (
    associated_token_address,
    mint_bytes,
    read_mint,
    read_token_account,
    token_account_bytes,
    token_gift,
)
from sandbox.solana.transactions import TransactionRejected
from sandbox.solana.vm import Machine
from sandbox.state import Json, SandboxState

MAX_WORKED_SLOTS = 600
"""Keepers and prices work in the last slots of a long jump only."""

BLOCK_TIMES_KEPT = 20_000
FAUCET_LAMPORTS = 10**18


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a transaction that the sandbox itself sent."""

    signature: str
    error: Json
    logs: Sequence[str]


class Chain:
    """One chain; everything runs on the event loop's thread, so nothing here is locked."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self.slots = SlotLine(seed=state.options.seed)
        self.accounts = AccountStore()
        self.ledger = Ledger()
        self.programs: dict[Pubkey, EmulatedProgram] = {}
        self.exchange: Exchange | None = None
        self.play_script: Callable[[str, bool], int] | None = None
        """Plays a script's text, over and over if told to; gives its number of lines."""
        self.after_slot: list[Callable[[], None]] = []
        self.after_change: list[Callable[[], None]] = []
        self._machine = Machine()
        self._bank = Bank(self._machine, self.slots, self.accounts, self.ledger, self.programs)
        self._pinned_time: int | None = None
        self._sent_count = 0
        self._block_times: dict[int, int] = {}
        self._keypairs: dict[str, Keypair] = {}

    # What programs, keepers and genesis use (sandbox.solana.programs.Chain).

    @property
    def clock(self) -> ChainClock:
        """The clock sysvar now: the sandbox's time unless `set_clock` pinned it."""
        pinned = self._pinned_time
        return ChainClock(self.slots.slot, self.state.clock.unix() if pinned is None else pinned)

    def account(self, pubkey: Pubkey) -> Account | None:
        """The account as processed now, None if there is none."""
        return self._bank.account(pubkey)

    def account_at(self, pubkey: Pubkey, *, slot: int) -> Account | None:
        """The account as of the end of an earlier slot."""
        if pubkey in self.accounts:
            return self.accounts.read(pubkey, slot=slot)
        return self._machine.account(pubkey)

    def set_account(self, pubkey: Pubkey, account: Account | None) -> None:
        """Write an account directly; None removes it."""
        self._bank.set_account(pubkey, account)
        self._changed()

    def accounts_owned_by(self, program_id: Pubkey) -> Iterable[tuple[Pubkey, Account]]:
        """All accounts of a program, in the order of their bytes."""
        return self.accounts.owned_by(program_id)

    def send(
        self,
        instructions: Sequence[Instruction],
        *,
        payer: Keypair,
        signers: Sequence[Keypair] = (),
    ) -> Result:
        """Sign and run a transaction in this slot; raises TransactionRejected."""
        self._sent_count += 1
        blockhash = self._own_blockhash(self._sent_count)
        message = MessageV0.try_compile(payer.pubkey(), list(instructions), [], blockhash)
        transaction = VersionedTransaction(message, [payer, *signers])
        record = self.process(transaction, internal=True, check_blockhash=False)
        return Result(record.signature, record.error, record.logs)

    def _own_blockhash(self, number: int) -> Hash:
        # Two equal keeper instructions in one slot must not share a signature.
        seed = f"{self.slots.blockhash()}:{number}".encode()
        return Hash(hashlib.sha256(seed).digest())

    def keypair(self, name: str) -> Keypair:
        """The keypair that the seed makes from a name."""
        if name not in self._keypairs:
            seed = hashlib.sha256(f"sandbox:{self.state.options.seed}:{name}".encode()).digest()
            self._keypairs[name] = Keypair.from_seed(seed)
        return self._keypairs[name]

    def airdrop(self, pubkey: Pubkey, lamports: int) -> None:
        """Give lamports from nowhere."""
        account = self.account(pubkey) or Account(0, b"", SYSTEM_PROGRAM)
        self.set_account(pubkey, with_lamports(account, account.lamports + lamports))

    def mint_tokens(self, *, mint: Pubkey, owner: Pubkey, amount: int, decimals: int = 6) -> Pubkey:
        """Give tokens to the owner's associated account; a missing mint or account is made."""
        account = self.account(mint)
        known = read_mint(account)
        if account is None or known is None:
            authority = self.keypair("mint authority").pubkey()
            data = mint_bytes(decimals=decimals, supply=amount, authority=authority)
            account = Account(self.rent(len(data)), data, TOKEN_PROGRAM)
        else:
            changed = bytearray(account.data)
            changed[36:44] = (known.supply + amount).to_bytes(8, "little")
            account = Account(account.lamports, bytes(changed), account.owner)
        self.set_account(mint, account)
        address = associated_token_address(owner, mint, account.owner)
        self._add_tokens(address, mint=mint, owner=owner, amount=amount, program=account.owner)
        return address

    def _add_tokens(
        self, address: Pubkey, *, mint: Pubkey, owner: Pubkey, amount: int, program: Pubkey
    ) -> None:
        account = self.account(address)
        held = read_token_account(account)
        if account is None or held is None:
            data = token_account_bytes(mint=mint, owner=owner, amount=amount)
            self.set_account(address, Account(self.rent(len(data)), data, program))
            return
        changed = bytearray(account.data)
        changed[64:72] = (held.amount + amount).to_bytes(8, "little")
        self.set_account(address, Account(account.lamports, bytes(changed), program))

    def rent(self, size: int) -> int:
        """Lamports that make an account of `size` bytes exempt from rent."""
        return self._machine.rent(size)

    # Transactions.

    def process(
        self,
        transaction: VersionedTransaction,
        *,
        internal: bool = False,
        check_signatures: bool = True,
        check_blockhash: bool = True,
        forced_error: Json = None,
    ) -> TransactionRecord:
        """Put a transaction into the current slot.

        It may fail there (`record.error`, fee charged). Raises TransactionRejected if it cannot
        be in a block at all; then nothing changes. Without `check_signatures` a signature may
        come twice.
        """
        record = self._bank.process(
            transaction,
            clock=self.clock,
            internal=internal,
            check_signatures=check_signatures,
            check_blockhash=check_blockhash,
            forced_error=forced_error,
        )
        self._changed()
        return record

    def is_final(self, slot: int) -> bool:
        """Whether a slot has reached finality: no branch leaves the present one before it."""
        return self.slots.slot - slot >= COMMITMENT_LAG["finalized"]

    def fork(self, slot: int, *, without: Collection[str] = ()) -> None:
        """Let another branch win that leaves the present one after `slot`, which is not final.

        All that transactions wrote since is undone. All but those in `without` (signatures) are
        in the new branch's next block, in their order, with whatever outcome they have there.
        """
        if self.is_final(slot):
            raise ValueError(f"slot {slot} is final, no fork takes back what came after it")
        for record in self._bank.roll_back(slot):
            if record.signature in without:
                continue
            try:
                self._bank.process(
                    record.transaction,
                    clock=self.clock,
                    internal=record.internal,
                    check_signatures=True,
                    check_blockhash=not record.internal,
                )
            except TransactionRejected:
                continue  # it has no place in the new branch: its payer has nothing there, say
        self._changed()

    def simulate(
        self, transaction: VersionedTransaction, *, check_signatures: bool, check_blockhash: bool
    ) -> Simulation:
        """Run a transaction and undo it; raises TransactionRejected."""
        return self._bank.simulate(
            transaction,
            clock=self.clock,
            check_signatures=check_signatures,
            check_blockhash=check_blockhash,
        )

    def faucet_transfer(self, pubkey: Pubkey, lamports: int) -> Result:
        """Give lamports by a transaction of the faucet, which never runs dry."""
        faucet = self.keypair("faucet")
        self.set_account(faucet.pubkey(), Account(FAUCET_LAMPORTS, b"", SYSTEM_PROGRAM))
        give = TransferParams(from_pubkey=faucet.pubkey(), to_pubkey=pubkey, lamports=lamports)
        return self.send([transfer(give)], payer=faucet)

    def faucet_tokens(self, *, mint: Pubkey, owner: Pubkey, amount: int) -> Pubkey:
        """Give tokens by a transaction of the faucet; the receiver's account is made on the way."""
        faucet = self.keypair("faucet")
        self.set_account(faucet.pubkey(), Account(FAUCET_LAMPORTS, b"", SYSTEM_PROGRAM))
        source = self.mint_tokens(mint=mint, owner=faucet.pubkey(), amount=amount)
        account = self.account(mint)
        known = read_mint(account)
        if account is None or known is None:
            raise ValueError(f"{mint} is no mint")
        give, target = token_gift(
            payer=faucet.pubkey(),
            source=source,
            owner=owner,
            mint=mint,
            program=account.owner,
            amount=amount,
            decimals=known.decimals,
        )
        self.send(give, payer=faucet)
        return target

    # Time.

    def block_time(self, slot: int) -> int:
        """Unix seconds of a slot: noted for recent ones, reckoned for others."""
        known = self._block_times.get(slot)
        if known is not None:
            return known
        behind_ms = (self.slots.slot - slot) * (self.state.options.slot_ms or 400)
        return self.clock.unix_timestamp - behind_ms // 1000

    def advance(self, slots: int = 1) -> None:
        """Let slots pass; of a long jump only the last 600 are worked."""
        worked = min(slots, MAX_WORKED_SLOTS)
        if slots > worked:
            self.slots.advance(slots - worked)
        for _ in range(worked):
            self.slots.advance(1)
            self._note_block_time()
            if self.exchange is not None:
                self.exchange.tick(self)
            for program in self._working():
                program.tick(self)
            for listener in self.after_slot:
                listener()
        self._changed()

    def _working(self) -> list[EmulatedProgram]:
        """All that work once a slot; a compiled program's keepers too, as what they send is for
        either."""
        of_exchange = self.exchange.programs if self.exchange else ()
        known = {program.program_id for program in of_exchange}
        others = [program for key, program in self.programs.items() if key not in known]
        return [*of_exchange, *others]

    def _note_block_time(self) -> None:
        clock = self.clock
        self._block_times[clock.slot] = clock.unix_timestamp
        self._block_times.pop(clock.slot - BLOCK_TIMES_KEPT, None)

    def set_clock(self, *, slot: int, unix_timestamp: int) -> None:
        """Pin the clock exactly, as the replay of a recording needs; nobody's tick is called."""
        if slot != self.slots.slot:
            self.slots.jump(slot)
        self._pinned_time = unix_timestamp

    def _changed(self) -> None:
        for listener in self.after_change:
            listener()

    # Programs.

    def add_program_file(self, program_id: Pubkey, file: Path) -> None:
        """Load a compiled program: it runs in the VM, in place of an emulation."""
        self._machine.add_program(program_id, file)
        self.programs.pop(program_id, None)

    def install(self, exchange: Exchange) -> None:
        """Let the exchange's programs answer for their ids where no compiled one is loaded."""
        self.exchange = exchange
        for program in exchange.programs:
            loaded = self._machine.account(program.program_id)
            if loaded is None or not loaded.executable:
                self.programs[program.program_id] = program
                self._show_program(program.program_id)

    def _show_program(self, program_id: Pubkey) -> None:
        # Readers see an upgradeable program; the VM itself must not try to load it.
        rent = self.rent(36)
        data_address = Pubkey.find_program_address([bytes(program_id)], UPGRADEABLE_LOADER)[0]
        program = (2).to_bytes(4, "little") + bytes(data_address)
        data = (3).to_bytes(4, "little") + GENESIS_SLOT.to_bytes(8, "little") + bytes(33)
        slot = self.slots.slot
        for key, content, executable in (
            (program_id, program, True),
            (data_address, data, False),
        ):
            account = Account(rent * 2, content, UPGRADEABLE_LOADER, executable)
            self.accounts.write(key, account, slot=slot)

    # Memory.

    def snapshot(self) -> Json:
        """Slot, accounts, history and what the programs keep."""
        return {
            "slot": self.slots.slot,
            "sent_count": self._sent_count,
            "saved_at": self.state.clock.unix(),
            "accounts": [
                [
                    str(pubkey),
                    account.lamports,
                    base64.b64encode(account.data).decode(),
                    str(account.owner),
                    account.executable,
                ]
                for pubkey, account in self.accounts.current()
            ],
            "ledger": self.ledger.snapshot(),
            "exchange": self.exchange.snapshot() if self.exchange else None,
            "programs": {str(key): item.snapshot() for key, item in self.programs.items()},
        }

    def restore(self, saved: Json) -> None:
        """Go on from a snapshot, as many slots later as time has passed."""
        slot_ms = self.state.options.slot_ms
        elapsed_ms = max(0, self.state.clock.unix() - saved["saved_at"]) * 1000
        self._sent_count = saved["sent_count"]
        self.slots.jump(saved["slot"])
        for pubkey, lamports, data, owner, executable in saved["accounts"]:
            key = Pubkey.from_string(pubkey)
            content = base64.b64decode(data)
            account = Account(lamports, content, Pubkey.from_string(owner), executable)
            if account.owner != UPGRADEABLE_LOADER:
                self._machine.set_account(key, account)
            self.accounts.write(key, account, slot=GENESIS_SLOT)
        self.ledger.restore(saved["ledger"])
        if self.exchange is not None and saved["exchange"] is not None:
            self.exchange.restore(saved["exchange"])
        for program_id, program in self.programs.items():
            if str(program_id) in saved["programs"]:
                program.restore(saved["programs"][str(program_id)])
        self.slots.advance(1 + (elapsed_ms // slot_ms if slot_ms else 0))
