"""What a venue's message may be is said apart from what builds it: hostile ones are refused."""

from dataclasses import replace

import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from chain.messages import MessagePlan, Signer, build_transaction, check_transaction
from core.errors import Refused
from drift.codec import codec_for
from drift.layouts.deployments import DRIFT, TOKEN_PROGRAM_ID, VELOCITY
from drift.pdas import associated_token_address, spot_market_vault_address, user_address
from drift.policy import Policy
from drift.policy_bytes import OrderTerms

WALLET, SPONSOR, THIEF = Keypair(), Keypair(), Pubkey.new_unique()
MEMO = "a message of a test"
AMOUNT = 250_000_000
TERMS = OrderTerms(
    kind="market",
    buys=True,
    market_index=0,
    size=2 * 10**9,
    price=151_500_000,
    reduce_only=False,
    post_only=False,
    immediate=False,
    label=7,
    max_ts=1_800_000_000,
    auction=(150_000_000, 151_500_000, 10),
    trigger=None,
    oracle_offset=None,
)
DEPLOYMENTS = pytest.mark.parametrize("deployment", [DRIFT, VELOCITY], ids=["drift", "velocity"])


def plan(instructions, allowed, *, sponsored=False):
    keys = [SPONSOR, WALLET] if sponsored else [WALLET]
    return MessagePlan(
        fee_payer=str(keys[0].pubkey()),
        signers=tuple(Signer(str(key.pubkey()), "local", "") for key in keys),
        instructions=tuple(instructions),
        allowed=tuple(allowed),
        counters={},
        priority_fee_cap_lamports=500_000,
    )


def check(plan, *, honest=None):
    """Check a message made of the plan's instructions against the honest plan."""
    raw = build_transaction(
        plan=plan, memo=MEMO, blockhash=str(Hash.default()), unit_limit=200_000, unit_price=0
    )
    check_transaction(raw=raw, plan=honest or plan, memo=MEMO)


def from_allowed(allowed):
    """The one instruction that says nothing but what is allowed."""
    places = dict(allowed.accounts)
    assert sorted(places) == list(range(len(places))), "a place between is not named"
    signing = {str(WALLET.pubkey()), str(SPONSOR.pubkey())}
    return Instruction(
        Pubkey.from_string(allowed.program),
        allowed.data,
        [
            AccountMeta(Pubkey.from_string(key), is_signer=key in signing, is_writable=True)
            for _, key in sorted(places.items())
        ],
    )


def own(deployment):
    return Policy(deployment, str(WALLET.pubkey()))


def quote(deployment):
    return deployment.collateral[deployment.quote_symbol]


def token_account(deployment, owner):
    keys = (deployment.quote_mint, TOKEN_PROGRAM_ID)
    return associated_token_address(owner, *map(Pubkey.from_string, keys))


def honest_deposit(deployment):
    allowed = own(deployment).deposit(token=quote(deployment), amount=AMOUNT)
    return plan([from_allowed(allowed)], [allowed])


def with_account(instruction, place, address):
    metas = list(instruction.accounts)
    metas[place] = AccountMeta(address, metas[place].is_signer, metas[place].is_writable)
    return Instruction(instruction.program_id, bytes(instruction.data), metas)


def refused(honest, *instructions, **changes):
    with pytest.raises(Refused) as refusal:
        check(replace(honest, instructions=instructions, **changes), honest=honest)
    return refusal.value.code


@DEPLOYMENTS
def test_an_honest_deposit_passes_and_names_every_place(deployment):
    honest = honest_deposit(deployment)
    check(honest)
    declared = deployment.layout.instructions["deposit"].accounts
    assert len(honest.allowed[0].accounts) == len(declared)
    name, values = codec_for(deployment.layout).decode_instruction(honest.allowed[0].data)
    assert name == "deposit"
    assert values == {"market_index": 0, "amount": AMOUNT, "reduce_only": False}


@DEPLOYMENTS
@pytest.mark.parametrize("place", range(7))
def test_a_deposit_with_any_account_exchanged_is_refused(deployment, place):
    honest = honest_deposit(deployment)
    changed = with_account(honest.instructions[0], place, THIEF)
    metas = list(changed.accounts)
    metas[place] = AccountMeta(THIEF, False, metas[place].is_writable)
    # The wallet still signs, so that nothing but the exchanged account is wrong.
    metas.append(AccountMeta(WALLET.pubkey(), True, False))
    changed = Instruction(changed.program_id, bytes(changed.data), metas)
    assert refused(honest, changed) == "message.instruction_not_allowed"


@DEPLOYMENTS
def test_another_users_account_cannot_be_named(deployment):
    honest = honest_deposit(deployment)
    other = user_address(deployment, THIEF, 0)
    assert refused(honest, with_account(honest.instructions[0], 1, other))
    second = user_address(deployment, WALLET.pubkey(), 1)
    assert refused(honest, with_account(honest.instructions[0], 1, second))


@DEPLOYMENTS
def test_another_amount_or_market_is_refused(deployment):
    honest = honest_deposit(deployment)
    (instruction,) = honest.instructions
    for values in ({"amount": AMOUNT + 1}, {"market_index": 1}, {"reduce_only": True}):
        whole = {"market_index": 0, "amount": AMOUNT, "reduce_only": False} | values
        data = codec_for(deployment.layout).encode_instruction("deposit", whole)
        changed = Instruction(instruction.program_id, data, list(instruction.accounts))
        assert refused(honest, changed) == "message.instruction_not_allowed"
    longer = Instruction(
        instruction.program_id, bytes(instruction.data) + b"\0", list(instruction.accounts)
    )
    assert refused(honest, longer) == "message.instruction_not_allowed"


@DEPLOYMENTS
def test_a_withdrawal_in_place_of_a_deposit_is_refused(deployment):
    honest = honest_deposit(deployment)
    (instruction,) = honest.instructions
    values = {"market_index": 0, "amount": AMOUNT, "reduce_only": False}
    data = codec_for(deployment.layout).encode_instruction("withdraw", values)
    withdrawal = Instruction(instruction.program_id, data, list(instruction.accounts))
    to_thief = with_account(withdrawal, 5, token_account(deployment, THIEF))
    for hostile in (withdrawal, to_thief):
        assert refused(honest, hostile) == "message.instruction_not_allowed"


@DEPLOYMENTS
@pytest.mark.parametrize("tag", [4, 6, 9], ids=["approve", "set authority", "close account"])
def test_a_token_instruction_hidden_beside_the_act_is_refused(deployment, tag):
    honest = honest_deposit(deployment)
    source = token_account(deployment, WALLET.pubkey())
    metas = [
        AccountMeta(source, False, True),
        AccountMeta(THIEF, False, False),
        AccountMeta(WALLET.pubkey(), True, False),
    ]
    data = bytes([tag]) + (2**64 - 1).to_bytes(8, "little")
    hidden = Instruction(Pubkey.from_string(TOKEN_PROGRAM_ID), data, metas)
    assert refused(honest, *honest.instructions, hidden) == "message.instruction_count"
    assert refused(honest, hidden) == "message.instruction_not_allowed"


@DEPLOYMENTS
def test_handing_over_the_account_is_refused(deployment):
    terms = own(deployment).place_order(TERMS)
    honest = plan([from_allowed(terms)], [terms])
    check(honest)
    user = user_address(deployment, WALLET.pubkey(), 0)
    metas = [AccountMeta(user, False, True), AccountMeta(WALLET.pubkey(), True, False)]
    values = {"sub_account_id": 0, "delegate": THIEF}
    data = codec_for(deployment.layout).encode_instruction("update_user_delegate", values)
    delegate = Instruction(Pubkey.from_string(deployment.program_id), data, metas)
    assert refused(honest, delegate) == "message.instruction_not_allowed"
    assert refused(honest, *honest.instructions, delegate) == "message.instruction_count"


@DEPLOYMENTS
def test_a_transfer_of_sol_in_place_of_the_act_is_refused(deployment):
    honest = honest_deposit(deployment)
    sent = transfer(TransferParams(from_pubkey=WALLET.pubkey(), to_pubkey=THIEF, lamports=1))
    assert refused(honest, sent) == "message.instruction_not_allowed"


@DEPLOYMENTS
def test_a_foreign_fee_payer_or_signer_is_refused(deployment):
    honest = honest_deposit(deployment)
    foreign = Keypair()
    payer = replace(honest, fee_payer=str(foreign.pubkey()))
    with pytest.raises(Refused, match="foreign_signer"):
        check(payer, honest=honest)
    (instruction,) = honest.instructions
    metas = [*instruction.accounts, AccountMeta(foreign.pubkey(), True, False)]
    beside = Instruction(instruction.program_id, bytes(instruction.data), metas)
    assert refused(honest, beside) == "message.foreign_signer"


ORDER_CHANGES = {
    "a larger size": {"size": TERMS.size + 1},
    "a worse price": {"price": TERMS.price + 100},
    "another market": {"market_index": 1},
    "the other direction": {"buys": False},
    "not reducing only": {"reduce_only": True},
    "a longer life": {"max_ts": None},
    "another label": {"label": 8},
    "another auction": {"auction": (150_000_000, 151_500_000, 11)},
    "another type": {"kind": "limit", "auction": None},
    "only making": {"kind": "limit", "auction": None, "post_only": True},
}


@DEPLOYMENTS
@pytest.mark.parametrize("changes", ORDER_CHANGES.values(), ids=ORDER_CHANGES)
def test_an_order_that_differs_from_the_confirmed_one_is_refused(deployment, changes):
    honest_terms = own(deployment).place_order(TERMS)
    honest = plan([from_allowed(honest_terms)], [honest_terms])
    other = own(deployment).place_order(replace(TERMS, **changes))
    assert refused(honest, from_allowed(other)) == "message.instruction_not_allowed"


@DEPLOYMENTS
def test_an_orders_bytes_mean_what_was_confirmed(deployment):
    data = own(deployment).place_order(TERMS).data
    name, values = codec_for(deployment.layout).decode_instruction(data)
    params = values["params"]
    assert name == "place_perp_order"
    assert (params["order_type"], params["direction"]) == ("Market", "Long")
    assert (params["base_asset_amount"], params["price"]) == (TERMS.size, TERMS.price)
    assert (params["max_ts"], params["user_order_id"]) == (TERMS.max_ts, TERMS.label)
    assert (params["auction_start_price"], params["auction_end_price"]) == TERMS.auction[:2]
    assert params["auction_duration"] == 10
    nothing = ("trigger_price", "oracle_price_offset", "builder_idx", "builder_fee_tenth_bps")
    assert all(params.get(field) is None for field in nothing)


def test_a_builders_fee_on_an_order_is_refused():
    terms = own(VELOCITY).place_order(TERMS)
    honest = plan([from_allowed(terms)], [terms])
    codec = codec_for(VELOCITY.layout)
    _, values = codec.decode_instruction(terms.data)
    values["params"] |= {"builder_idx": 0, "builder_fee_tenth_bps": 1000}
    data = codec.encode_instruction("place_perp_order", values)
    (instruction,) = honest.instructions
    fee = Instruction(instruction.program_id, data, list(instruction.accounts))
    assert refused(honest, fee) == "message.instruction_not_allowed"


@DEPLOYMENTS
def test_a_sponsor_cannot_be_made_to_pay_more_or_another_nor_a_wallet_to_repay_another(deployment):
    policy, payer = own(deployment), str(SPONSOR.pubkey())
    allowed = [
        policy.fee_float(payer=payer, lamports=3_000_000),
        policy.make_token_account(owner=payer, payer=payer, mint=deployment.quote_mint),
        policy.sponsor_fee(payer=payer, token=quote(deployment), amount=7_500_000),
        policy.deposit(token=quote(deployment), amount=AMOUNT),
    ]
    honest = plan([from_allowed(each) for each in allowed], allowed, sponsored=True)
    check(honest)
    hostile = {
        0: policy.fee_float(payer=payer, lamports=3_000_001),
        1: Policy(deployment, str(THIEF)).make_token_account(
            owner=str(THIEF), payer=payer, mint=deployment.quote_mint
        ),
        2: policy.sponsor_fee(payer=payer, token=quote(deployment), amount=7_500_001),
    }
    for place, other in hostile.items():
        instructions = list(honest.instructions)
        instructions[place] = from_allowed(other)
        assert refused(honest, *instructions) == "message.instruction_not_allowed"
    to_thief = with_account(honest.instructions[0], 1, THIEF)
    assert refused(honest, to_thief, *honest.instructions[1:])
    repaid = with_account(honest.instructions[2], 2, token_account(deployment, THIEF))
    assert refused(honest, *honest.instructions[:2], repaid, honest.instructions[3])


@DEPLOYMENTS
def test_accounts_are_made_for_the_wallet_alone(deployment):
    policy, payer = own(deployment), str(SPONSOR.pubkey())
    allowed = [
        policy.initialize_user_stats(payer=payer),
        policy.initialize_user(payer=payer, name="Main Account"),
    ]
    for each, kind in zip(allowed, ("initialize_user_stats", "initialize_user"), strict=True):
        name, _ = codec_for(deployment.layout).decode_instruction(each.data)
        assert name == kind
        assert len(each.accounts) == len(deployment.layout.instructions[kind].accounts)
    honest = plan([from_allowed(each) for each in allowed], allowed, sponsored=True)
    check(honest)
    others = Policy(deployment, str(THIEF)).initialize_user(payer=payer, name="Main Account")
    assert refused(honest, honest.instructions[0], from_allowed(others))


def test_the_vault_is_the_programs_own():
    places = dict(own(DRIFT).deposit(token=quote(DRIFT), amount=1).accounts)
    assert places[4] == str(spot_market_vault_address(DRIFT, 0))


def test_a_signature_over_other_bytes_does_not_help():
    honest = honest_deposit(DRIFT)
    raw = build_transaction(
        plan=honest, memo=MEMO, blockhash=str(Hash.default()), unit_limit=1, unit_price=0
    )
    message = VersionedTransaction.from_bytes(raw).message
    signed = bytes(VersionedTransaction(message, [WALLET]))
    check_transaction(raw=signed, plan=honest, memo=MEMO)
    with pytest.raises(Refused, match="memo_missing"):
        check_transaction(raw=signed, plan=honest, memo="another message")
    assert VersionedTransaction.from_bytes(raw).signatures == [Signature.default()]
