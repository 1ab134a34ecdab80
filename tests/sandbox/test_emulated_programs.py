"""An emulated program and real ones share a transaction: all or nothing, with one log."""

import json
import random

import pytest
from solders.compute_budget import set_compute_unit_limit
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.system_program import CreateAccountParams, TransferParams, create_account, transfer
from solders.transaction import VersionedTransaction
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import TransferParams as TokenTransfer
from spl.token.instructions import transfer as token_transfer

from sandbox.solana.chain import Chain
from sandbox.solana.known import SYSTEM_PROGRAM
from sandbox.solana.programs import ProgramError
from sandbox.solana.tokens import associated_token_address, read_token_account
from sandbox.state import SandboxOptions, SandboxState

SOL = 1_000_000_000


class Bank:
    """Takes tokens into a vault of its own and gives them back."""

    program_id = Pubkey.from_string("Bank111111111111111111111111111111111111111")

    def __init__(self):
        self.seen = []
        self.ticks = 0

    def execute(self, ctx):
        act = ctx.data.decode()
        self.seen.append((act, ctx.clock, ctx.stack_height, len(ctx.instructions)))
        ctx.log(f"Instruction: {act}")
        record, user, source, vault, authority = (item.pubkey for item in ctx.accounts[:5])
        if act == "open":
            size = 16
            ctx.invoke(
                create_account(
                    CreateAccountParams(
                        from_pubkey=user,
                        to_pubkey=record,
                        lamports=ctx.rent(size),
                        space=size,
                        owner=self.program_id,
                    )
                ),
                signers=[record],
            )
            ctx.account(record).data[0] = 1
        elif act.startswith("in"):
            amount = int(act[2:])
            ctx.invoke(token_transfer(TokenTransfer(TOKEN_PROGRAM_ID, source, vault, user, amount)))
            count = ctx.account(record)
            count.data[8:16] = amount.to_bytes(8, "little")
            ctx.log_data(b"took it")
        elif act == "out":
            move = TokenTransfer(TOKEN_PROGRAM_ID, vault, source, authority, 100)
            ctx.invoke(token_transfer(move), signers=[authority])
        elif act == "steal":
            move = TokenTransfer(TOKEN_PROGRAM_ID, vault, source, authority, 100)
            ctx.invoke(token_transfer(move))
        elif act == "print":
            ctx.account(user).lamports += 5
        elif act == "touch":
            ctx.account(ctx.accounts[6].pubkey).data += b"x"
        elif act == "close":
            ctx.account(user).lamports += ctx.account(record).lamports
            ctx.account(record).lamports = 0
        else:
            raise ProgramError(6003)

    def tick(self, chain):
        self.ticks += 1

    def snapshot(self):
        return {"ticks": self.ticks}

    def restore(self, saved):
        self.ticks = saved["ticks"]


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def chain(bank):
    chain = Chain(SandboxState(SandboxOptions(slot_ms=0)))
    chain.programs[bank.program_id] = bank
    return chain


@pytest.fixture
def user(chain):
    keypair = Keypair()
    chain.airdrop(keypair.pubkey(), 10 * SOL)
    return keypair


@pytest.fixture
def places(chain, bank, user):
    """Record, user, the user's tokens, the vault, its authority, and the programs."""
    mint = Keypair().pubkey()
    source = chain.mint_tokens(mint=mint, owner=user.pubkey(), amount=1_000)
    authority = Pubkey.find_program_address([b"authority"], bank.program_id)[0]
    vault = chain.mint_tokens(mint=mint, owner=authority, amount=500)
    record = Pubkey.find_program_address([b"record"], bank.program_id)[0]
    assert source == associated_token_address(user.pubkey(), mint)
    return {
        "record": record,
        "source": source,
        "vault": vault,
        "metas": [
            AccountMeta(record, False, True),
            AccountMeta(user.pubkey(), True, True),
            AccountMeta(source, False, True),
            AccountMeta(vault, False, True),
            AccountMeta(authority, False, False),
            AccountMeta(SYSTEM_PROGRAM, False, False),
            AccountMeta(TOKEN_PROGRAM_ID, False, False),
        ],
    }


def process(chain, user, instructions, *, fee_paid=True):
    blockhash = chain.slots.blockhash()
    chain.slots.advance(1)
    message = MessageV0.try_compile(user.pubkey(), instructions, [], blockhash)
    return chain.process(VersionedTransaction(message, [user]))


def act(bank, places, words):
    return Instruction(bank.program_id, words.encode(), places["metas"])


def tokens(chain, address):
    return read_token_account(chain.account(address)).amount


def test_an_emulated_program_makes_its_account_and_moves_real_tokens(chain, bank, user, places):
    record = process(chain, user, [act(bank, places, "open"), act(bank, places, "in700")])

    assert record.error is None
    assert (tokens(chain, places["source"]), tokens(chain, places["vault"])) == (300, 1_200)
    account = chain.account(places["record"])
    assert account.owner == bank.program_id
    assert account.data == bytes([1, *[0] * 7]) + (700).to_bytes(8, "little")
    assert account.lamports == chain.rent(16)
    assert chain.account(user.pubkey()).lamports == 10 * SOL - 5000 - chain.rent(16)
    assert bank.seen[1][2:] == (1, 2)


def test_its_log_has_the_lines_and_depths_of_a_real_one(chain, bank, user, places):
    instructions = [
        set_compute_unit_limit(300_000),
        act(bank, places, "open"),
        act(bank, places, "in1"),
    ]

    logs = process(chain, user, instructions).logs

    assert [line for line in logs if "consumed" not in line] == [
        "Program ComputeBudget111111111111111111111111111111 invoke [1]",
        "Program ComputeBudget111111111111111111111111111111 success",
        f"Program {bank.program_id} invoke [1]",
        "Program log: Instruction: open",
        "Program 11111111111111111111111111111111 invoke [2]",
        "Program 11111111111111111111111111111111 success",
        f"Program {bank.program_id} success",
        f"Program {bank.program_id} invoke [1]",
        "Program log: Instruction: in1",
        f"Program {TOKEN_PROGRAM_ID} invoke [2]",
        "Program log: Instruction: Transfer",
        f"Program {TOKEN_PROGRAM_ID} success",
        "Program data: dG9vayBpdA==",
        f"Program {bank.program_id} success",
    ]


def test_inner_instructions_name_places_in_the_transaction(chain, bank, user, places):
    record = process(chain, user, [act(bank, places, "open"), act(bank, places, "in1")])

    assert [item["index"] for item in record.inner] == [0, 1]
    call = record.inner[1]["instructions"][0]
    assert record.keys[call["programIdIndex"]] == str(TOKEN_PROGRAM_ID)
    assert [record.keys[index] for index in call["accounts"]] == [
        str(places["source"]),
        str(places["vault"]),
        str(user.pubkey()),
    ]
    assert call["stackHeight"] == 2


def test_a_failure_at_the_end_undoes_everything_but_the_fee(chain, bank, user, places):
    to = Keypair().pubkey()
    give = transfer(TransferParams(from_pubkey=user.pubkey(), to_pubkey=to, lamports=SOL))
    instructions = [
        act(bank, places, "open"),
        give,
        act(bank, places, "in700"),
        act(bank, places, "fail"),
    ]

    record = process(chain, user, instructions)

    assert record.error == {"InstructionError": [3, {"Custom": 6003}]}
    assert record.logs[-1] == f"Program {bank.program_id} failed: custom program error: 0x1773"
    assert "Program data: dG9vayBpdA==" in record.logs
    assert (tokens(chain, places["source"]), tokens(chain, places["vault"])) == (1_000, 500)
    assert chain.account(places["record"]) is None
    assert chain.account(to) is None
    assert chain.account(user.pubkey()).lamports == 10 * SOL - 5000


def test_a_called_programs_error_is_the_transactions(chain, bank, user, places):
    record = process(chain, user, [act(bank, places, "open"), act(bank, places, "in5000")])

    assert record.error == {"InstructionError": [1, {"Custom": 1}]}
    assert record.logs[-1].startswith(f"Program {bank.program_id} failed: custom program error")
    assert chain.account(places["record"]) is None


def test_only_named_program_addresses_may_sign(chain, bank, user, places):
    paid = process(chain, user, [act(bank, places, "out")])
    stolen = process(chain, user, [act(bank, places, "steal")])

    assert paid.error is None
    assert stolen.error == {"InstructionError": [0, "PrivilegeEscalation"]}
    assert (tokens(chain, places["source"]), tokens(chain, places["vault"])) == (1_100, 400)


@pytest.mark.parametrize(
    ("words", "error"), [("print", "UnbalancedInstruction"), ("touch", "ReadonlyDataModified")]
)
def test_an_emulation_cannot_break_the_runtimes_rules(chain, bank, user, places, words, error):
    record = process(chain, user, [act(bank, places, words)])

    assert record.error == {"InstructionError": [0, error]}
    assert chain.account(user.pubkey()).lamports == 10 * SOL - 5000


def test_a_closed_account_is_gone_and_its_rent_returned(chain, bank, user, places):
    process(chain, user, [act(bank, places, "open")])
    record = process(chain, user, [act(bank, places, "close")])

    assert record.error is None
    assert chain.account(places["record"]) is None
    assert chain.account(user.pubkey()).lamports == 10 * SOL - 2 * 5000


def test_too_few_compute_units_end_it(chain, bank, user, places):
    record = process(chain, user, [set_compute_unit_limit(20_000), act(bank, places, "open")])

    assert record.error == {"InstructionError": [1, "ComputationalBudgetExceeded"]}


def test_simulation_runs_it_and_undoes_it(chain, bank, user, places):
    message = MessageV0.try_compile(
        user.pubkey(), [act(bank, places, "open")], [], chain.slots.blockhash()
    )
    transaction = VersionedTransaction(message, [user])

    simulation = chain.simulate(transaction, check_signatures=True, check_blockhash=True)

    assert simulation.run.error is None
    assert simulation.accounts[places["record"]].data[0] == 1
    assert chain.account(places["record"]) is None
    assert chain.process(transaction).error is None


def test_the_clock_can_be_pinned_and_slots_tick_the_program(chain, bank, user, places):
    chain.set_clock(slot=300_000_500, unix_timestamp=1_728_000_000)
    process(chain, user, [act(bank, places, "open")])
    chain.advance(3)

    assert bank.seen[0][1].unix_timestamp == 1_728_000_000
    assert bank.seen[0][1].slot == 300_000_501
    assert bank.ticks == 3


def test_keepers_send_transactions_of_their_own(chain, user):
    keeper = chain.keypair("keeper")
    chain.airdrop(keeper.pubkey(), SOL)
    give = transfer(
        TransferParams(from_pubkey=keeper.pubkey(), to_pubkey=user.pubkey(), lamports=1_000)
    )

    first, second = (chain.send([give], payer=keeper) for _ in range(2))

    assert first.error is second.error is None
    assert first.signature != second.signature
    assert chain.account(user.pubkey()).lamports == 10 * SOL + 2_000
    assert chain.ledger.find(first.signature).internal
    assert chain.keypair("keeper") == keeper != chain.keypair("other")


def test_a_chain_goes_on_from_its_snapshot(chain, bank, user, places):
    record = process(chain, user, [act(bank, places, "open"), act(bank, places, "in700")])
    chain.advance(2)
    saved = json.loads(json.dumps(chain.snapshot()))
    other_bank = Bank()
    other = Chain(SandboxState(SandboxOptions(slot_ms=0)))
    other.programs[bank.program_id] = other_bank

    other.restore(saved)

    assert other.ledger.find(record.signature) == record
    assert other.account(places["record"]) == chain.account(places["record"])
    assert other.slots.slot > chain.slots.slot
    assert other_bank.ticks == 2
    assert other.slots.is_valid(chain.slots.blockhash())
    assert process(other, user, [act(bank, places, "close")]).error is None


def test_the_vm_and_the_accounts_never_differ_and_only_fees_are_burnt(chain, bank, user, places):
    chance = random.Random(5)
    words = ["open", "in3", "in5000", "out", "steal", "print", "touch", "close", "fail"]
    others = [Keypair().pubkey() for _ in range(3)]
    known = [user.pubkey(), places["record"], places["source"], places["vault"], *others]
    fees = failures = 0
    before = sum(account.lamports for _, account in chain.accounts.current())

    for _ in range(300):
        instructions = []
        for _ in range(chance.randint(1, 4)):
            if chance.random() < 0.3:
                give = TransferParams(
                    from_pubkey=user.pubkey(),
                    to_pubkey=chance.choice(others),
                    lamports=chance.choice([1, 1_000_000, 100 * SOL]),
                )
                instructions.append(transfer(give))
            else:
                instructions.append(act(bank, places, chance.choice(words)))
        record = process(
            chain, user, [set_compute_unit_limit(chance.choice([70_000, 10**6])), *instructions]
        )
        fees += record.fee
        failures += record.error is not None
        assert [chain.accounts.read(key) for key in known] == [
            chain._machine.account(key) for key in known
        ]

    assert 100 < failures < 290
    assert sum(account.lamports for _, account in chain.accounts.current()) == before - fees
