"""How an emulated on-chain program plugs into the sandbox's chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from sandbox.state import Json, SandboxState


class ProgramError(Exception):
    """An instruction failed: a program's own number, or the name of a runtime error.

    `ProgramError(6003)` becomes `{"Custom": 6003}`, `ProgramError("InvalidAccountData")` that
    name. Everything the whole transaction did is undone; the fee is kept.
    """

    def __init__(self, code: int | str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class AccountView:
    """An account as an instruction sees it: changes last if the transaction succeeds.

    Assign whole values or change `data` in place; nothing needs to be written back. Setting
    lamports to 0 closes the account when the transaction ends.
    """

    lamports: int
    data: bytearray
    owner: Pubkey
    executable: bool = False


@dataclass(frozen=True, slots=True)
class AccountReference:
    """An account as the instruction names it, with the flags of the transaction."""

    pubkey: Pubkey
    is_signer: bool
    is_writable: bool


@dataclass(frozen=True, slots=True)
class ChainClock:
    """The clock sysvar during a transaction."""

    slot: int
    unix_timestamp: int


class InstructionContext(Protocol):
    """What an emulated program may see and do while one of its instructions runs."""

    @property
    def program_id(self) -> Pubkey: ...

    @property
    def data(self) -> bytes:
        """The instruction's data, discriminator and all."""

    @property
    def accounts(self) -> Sequence[AccountReference]:
        """The instruction's accounts in order (the same pubkey may stand twice)."""

    @property
    def clock(self) -> ChainClock: ...

    @property
    def instruction_index(self) -> int:
        """The place of the running instruction in the transaction."""

    @property
    def instructions(self) -> Sequence[Instruction]:
        """All instructions of the transaction (what the instructions sysvar shows)."""

    @property
    def stack_height(self) -> int:
        """1 for an instruction of the transaction itself."""

    def account(self, pubkey: Pubkey) -> AccountView:
        """The one mutable view of an account; a missing one has 0 lamports and no data."""

    def log(self, line: str) -> None:
        """Append `Program log: <line>`."""

    def log_data(self, data: bytes) -> None:
        """Append `Program data: <base64>`."""

    def invoke(self, instruction: Instruction, *, signers: Iterable[Pubkey] = ()) -> None:
        """Run a real instruction (token transfer, create_account …) in the VM, one level deeper.

        `signers` are program addresses allowed to sign beside the transaction's signers. Views
        are written to the VM before, and hold the new values after. Raises ProgramError with the
        callee's error, which should not be caught.
        """

    def rent(self, size: int) -> int:
        """Lamports that make an account of `size` data bytes exempt from rent."""


class TransactionResult(Protocol):
    """What became of a transaction that was sent from inside the sandbox."""

    @property
    def signature(self) -> str: ...

    @property
    def error(self) -> Json:
        """None, or the error as JSON-RPC shows it."""

    @property
    def logs(self) -> Sequence[str]: ...


class Chain(Protocol):
    """What genesis, keepers and price processes may do with the chain."""

    @property
    def state(self) -> SandboxState: ...

    @property
    def clock(self) -> ChainClock: ...

    def account(self, pubkey: Pubkey) -> Account | None:
        """The account as processed now, None if there is none."""

    def set_account(self, pubkey: Pubkey, account: Account) -> None:
        """Write an account directly, as only genesis and cheats do (oracles, for one)."""

    def accounts_owned_by(self, program_id: Pubkey) -> Iterable[tuple[Pubkey, Account]]:
        """All accounts of a program, in the order of their bytes."""

    def send(
        self,
        instructions: Sequence[Instruction],
        *,
        payer: Keypair,
        signers: Sequence[Keypair] = (),
    ) -> TransactionResult:
        """Sign and run a transaction in this slot; it has a signature, logs and history."""

    def keypair(self, name: str) -> Keypair:
        """A keypair that the sandbox's seed makes from a name: keepers, administrators."""

    def mint_tokens(self, *, mint: Pubkey, owner: Pubkey, amount: int, decimals: int = 6) -> Pubkey:
        """Give `amount` base units to `owner`'s associated account, which is returned.

        A missing mint is made with `decimals`; a missing account is made too.
        """

    def airdrop(self, pubkey: Pubkey, lamports: int) -> None: ...

    def rent(self, size: int) -> int: ...


class EmulatedProgram(Protocol):
    """A program in Python that answers for one program id."""

    @property
    def program_id(self) -> Pubkey: ...

    def execute(self, ctx: InstructionContext) -> None:
        """Run one instruction; raises ProgramError."""

    def tick(self, chain: Chain) -> None:
        """Called once a slot, before the slot's transactions; keepers work here."""

    def snapshot(self) -> Json:
        """What is not in accounts (keepers' queues …), JSON types only."""

    def restore(self, saved: Json) -> None: ...


class Exchange(Protocol):
    """The bundle that `sandbox.perps.create_exchange(state)` returns to the chain's process."""

    @property
    def programs(self) -> Sequence[EmulatedProgram]: ...

    def genesis(self, chain: Chain) -> None:
        """Write mints, markets, oracles; called once, for a chain that is new."""

    def tick(self, chain: Chain) -> None:
        """Called once a slot before the programs' own ticks: prices move, oracles publish."""

    def prices(self) -> Mapping[str, Decimal]:
        """The price of each symbol (`SOL`, `BTC` …) in quote units."""

    def follow(self, symbol: str, price: Decimal, published_at: int) -> None:
        """Take the real market's price of that second; it is published with the next slot."""

    def set_price(self, chain: Chain, symbol: str, price: Decimal, *, hold: bool = True) -> None:
        """Move an oracle now; `hold` stops its walk. Raises KeyError for an unknown symbol."""

    def quote_mints(self) -> Sequence[Pubkey]:
        """Quote mints of all deployments; the faucet gives some of each."""

    def snapshot(self) -> Json: ...

    def restore(self, saved: Json) -> None: ...
