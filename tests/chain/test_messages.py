"""Bytes that are to be signed are read again, and refused unless they do the act and no more."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from chain.messages import (
    MEMO_PROGRAM as MEMO_PROGRAM_ID,
)
from chain.messages import (
    AllowedInstruction,
    MessagePlan,
    Signer,
    build_transaction,
    check_transaction,
    join_signatures,
)
from core.errors import Refused

WALLET, FRIEND, THIEF = (Keypair() for _ in range(3))
TOKEN_PROGRAM = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
MEMO_PROGRAM = Pubkey.from_string(MEMO_PROGRAM_ID)
BLOCKHASH = "GfVcyD4kkTrj4bKc7WA9sZCin9JDbdT4Zkd3EittNR1W"
MEMO = "0198f0f0-0000-7000-8000-000000000000"


def _pay(to: Keypair, lamports: int = 7, source: Keypair = WALLET) -> Instruction:
    return transfer(
        TransferParams(from_pubkey=source.pubkey(), to_pubkey=to.pubkey(), lamports=lamports)
    )


def _plan(*instructions: Instruction, payer: Keypair = WALLET) -> MessagePlan:
    allowed = AllowedInstruction(
        program=str(SYSTEM_PROGRAM),
        data=bytes(_pay(FRIEND).data),
        accounts=((0, str(WALLET.pubkey())), (1, str(FRIEND.pubkey()))),
        whole=True,
    )
    return MessagePlan(
        fee_payer=str(payer.pubkey()),
        signers=(Signer(str(WALLET.pubkey()), "local", "w"),),
        instructions=instructions,
        allowed=(allowed,),
        counters={},
        priority_fee_cap_lamports=1_000,
    )


def _build(plan: MessagePlan, *, memo: str = MEMO, price: int = 1_000) -> bytes:
    return build_transaction(
        plan=plan, memo=memo, blockhash=BLOCKHASH, unit_limit=200_000, unit_price=price
    )


def _refusal(plan: MessagePlan, raw: bytes) -> str:
    with pytest.raises(Refused) as refused:
        check_transaction(raw=raw, plan=plan, memo=MEMO)
    return refused.value.code


def test_the_act_itself_passes():
    plan = _plan(_pay(FRIEND))
    check_transaction(raw=_build(plan), plan=plan, memo=MEMO)


@pytest.mark.parametrize(
    "instruction",
    [
        _pay(THIEF),
        _pay(FRIEND, lamports=8),
        Instruction(TOKEN_PROGRAM, b"\x04" + bytes(8), [AccountMeta(WALLET.pubkey(), True, True)]),
        Instruction(SYSTEM_PROGRAM, b"\x04\0\0\0", [AccountMeta(WALLET.pubkey(), True, True)]),
    ],
    ids=["another receiver", "another amount", "token approve", "nonce advance"],
)
def test_an_instruction_that_is_not_the_act_is_refused(instruction):
    plan = _plan(instruction)
    assert _refusal(plan, _build(plan)) == "message.instruction_not_allowed"


def test_an_instruction_beside_the_act_is_refused():
    plan = _plan(_pay(FRIEND), _pay(THIEF))
    assert _refusal(plan, _build(plan)) == "message.instruction_count"


def test_a_foreign_fee_payer_is_refused():
    plan = _plan(_pay(FRIEND))
    raw = _build(_plan(_pay(FRIEND), payer=THIEF))
    assert _refusal(plan, raw) == "message.foreign_signer"


def test_another_signer_is_refused():
    plan = _plan(_pay(FRIEND, source=THIEF))
    assert _refusal(plan, _build(plan)) == "message.foreign_signer"


def test_a_priority_fee_above_the_cap_is_refused():
    plan = _plan(_pay(FRIEND))
    assert _refusal(plan, _build(plan, price=10_000)) == "message.priority_fee_above_cap"


def test_two_prices_count_as_the_last_one_and_are_still_capped():
    dear = _plan(_pay(FRIEND), set_compute_unit_price(10**9))
    assert _refusal(_plan(_pay(FRIEND)), _build(dear)) == "message.priority_fee_above_cap"


def test_another_memo_is_refused():
    plan = _plan(_pay(FRIEND))
    assert _refusal(plan, _build(plan, memo="another act")) == "message.memo_missing"


def test_signatures_over_other_bytes_are_refused():
    first, second = _build(_plan(_pay(FRIEND))), _build(_plan(_pay(FRIEND)), price=2)
    with pytest.raises(Refused, match="other_bytes_signed"):
        join_signatures([first, second])


TABLE = AddressLookupTableAccount(
    key=Keypair().pubkey(), addresses=[THIEF.pubkey(), FRIEND.pubkey(), TOKEN_PROGRAM]
)


def _behind_a_table(*instructions: Instruction, addresses=TABLE) -> bytes:
    """The same frame as ours, but for a table in which addresses of the message are hidden."""
    frame = [
        set_compute_unit_limit(200_000),
        set_compute_unit_price(1_000),
        *instructions,
        Instruction(MEMO_PROGRAM, MEMO.encode(), [AccountMeta(WALLET.pubkey(), True, True)]),
    ]
    message = MessageV0.try_compile(
        WALLET.pubkey(), frame, [addresses], Hash.from_string(BLOCKHASH)
    )
    assert message.address_table_lookups
    blank = [Signature.default()] * message.header.num_required_signatures
    return bytes(VersionedTransaction.populate(message, blank))


@pytest.mark.parametrize(
    "hidden",
    [
        [_pay(THIEF)],
        [_pay(FRIEND), _pay(THIEF)],
        [
            _pay(FRIEND),
            Instruction(
                TOKEN_PROGRAM,
                b"\x04" + b"\xff" * 8,
                [
                    AccountMeta(WALLET.pubkey(), False, True),
                    AccountMeta(THIEF.pubkey(), False, False),
                    AccountMeta(WALLET.pubkey(), True, False),
                ],
            ),
        ],
        [_pay(FRIEND)],
    ],
    ids=[
        "the receiver is another", "a payment beside the act", "an approval beside the act",
        "the very act",
    ],
)  # fmt: skip
def test_what_hides_behind_a_lookup_table_is_refused_whatever_it_is(hidden):
    plan = _plan(_pay(FRIEND))
    assert _refusal(plan, _behind_a_table(*hidden)) == "message.lookup_table"


def test_a_table_is_refused_though_the_bytes_of_the_act_itself_are_right():
    """Whoever may write the table later would choose whom the message pays."""
    raw = _behind_a_table(_pay(FRIEND))
    message = VersionedTransaction.from_bytes(raw).message
    assert FRIEND.pubkey() not in message.account_keys
    greedy = replace(_plan(_pay(FRIEND)), allowed=())
    assert _refusal(greedy, raw) == "message.lookup_table"


def test_an_index_that_points_beyond_the_messages_own_addresses_is_refused():
    """What a table would have held, without the table: nobody can say who that is."""
    plan = _plan(_pay(FRIEND))
    message = VersionedTransaction.from_bytes(_behind_a_table(_pay(FRIEND))).message
    bare = MessageV0(
        message.header, message.account_keys, message.recent_blockhash, message.instructions, []
    )
    blank = [Signature.default()] * bare.header.num_required_signatures
    raw = bytes(VersionedTransaction.populate(bare, blank))
    assert _refusal(plan, raw) == "message.unreadable"


@given(st.binary(max_size=400))
def test_no_bytes_break_the_check(noise):
    plan = _plan(_pay(FRIEND))
    with pytest.raises(Refused):
        check_transaction(raw=noise, plan=plan, memo=MEMO)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_message_that_differs_in_a_byte_does_anything_but_the_act(place, change):
    plan = _plan(_pay(FRIEND))
    raw = bytearray(_build(plan))
    place %= len(raw)
    raw[place] ^= change
    try:
        check_transaction(raw=bytes(raw), plan=plan, memo=MEMO)
    except Refused:
        return
    # What passes is the same act: at most its place in time, its compute budget, which accounts
    # it may write, or a signature that is not there yet.
    message = VersionedTransaction.from_bytes(bytes(raw)).message
    assert message.account_keys[0] == WALLET.pubkey()
    acts = [
        each
        for each in message.instructions
        if message.account_keys[each.program_id_index] == SYSTEM_PROGRAM
    ]
    assert [bytes(each.data) for each in acts] == [bytes(_pay(FRIEND).data)]


def test_a_missing_signature_is_refused():
    with pytest.raises(Refused, match="signature_invalid"):
        join_signatures([_build(_plan(_pay(FRIEND)))])


def test_a_message_over_the_size_limit_is_refused():
    plan = _plan(*[_pay(Keypair()) for _ in range(40)])
    with pytest.raises(Refused, match="too_large"):
        _build(plan)
