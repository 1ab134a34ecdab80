"""Withdrawing, settling, changing: hostile messages in the place of honest ones are refused."""

import hashlib
from dataclasses import replace

import pytest
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import (
    AdvanceNonceAccountParams,
    TransferParams,
    advance_nonce_account,
    transfer,
)

from drift.codec import codec_for
from drift.layouts.deployments import SOL_COLLATERAL, TOKEN_PROGRAM_ID
from drift.pdas import user_address
from drift.policy_bytes import ModifyTerms
from drift.wallet_steps import token_account as token_account_of
from tests.drift.test_venue_policy import (
    AMOUNT,
    DEPLOYMENTS,
    TERMS,
    THIEF,
    WALLET,
    check,
    from_allowed,
    own,
    plan,
    quote,
    refused,
    token_account,
    with_account,
)

CHANGE = ModifyTerms(
    order_id=9,
    size=3 * 10**9,
    price=139_000_000,
    max_ts=1_800_000_000,
    trigger_price=None,
    oracle_offset=None,
    counts_fills=True,
)
WRONG = "message.instruction_not_allowed"


def honest_withdrawal(deployment):
    """As it is built for SOL: make the account, withdraw, unwrap."""
    policy, wallet = own(deployment), str(WALLET.pubkey())
    allowed = [
        policy.make_token_account(owner=wallet, payer=wallet, mint=SOL_COLLATERAL.mint),
        policy.withdraw(token=SOL_COLLATERAL, amount=AMOUNT),
        policy.unwrap(),
    ]
    return plan([from_allowed(each) for each in allowed], allowed)


def honest_sol_deposit(deployment):
    """As it is built: the place made and closed, filled, made of what lies there, and closed."""
    policy, wallet = own(deployment), str(WALLET.pubkey())
    made = policy.make_token_account(owner=wallet, payer=wallet, mint=SOL_COLLATERAL.mint)
    allowed = [
        made,
        policy.unwrap(),
        policy.wrap(lamports=5),
        made,
        policy.deposit(token=SOL_COLLATERAL, amount=AMOUNT),
        policy.unwrap(),
    ]
    return plan([from_allowed(each) for each in allowed], allowed)


def exchanged(honest, place, instruction):
    instructions = list(honest.instructions)
    instructions[place] = instruction
    return refused(honest, *instructions)


@DEPLOYMENTS
def test_an_honest_withdrawal_passes_names_every_place_and_never_borrows(deployment):
    honest = honest_withdrawal(deployment)
    check(honest)
    paid = honest.allowed[1]
    assert len(paid.accounts) == len(deployment.layout.instructions["withdraw"].accounts)
    name, values = codec_for(deployment.layout).decode_instruction(paid.data)
    assert (name, values["reduce_only"], values["amount"]) == ("withdraw", True, AMOUNT)


@DEPLOYMENTS
@pytest.mark.parametrize("place", [0, 1, 2, 4, 5, 6, 7])
def test_a_withdrawal_with_any_account_exchanged_is_refused(deployment, place):
    honest = honest_withdrawal(deployment)
    assert exchanged(honest, 1, with_account(honest.instructions[1], place, THIEF)) == WRONG


@DEPLOYMENTS
def test_a_withdrawal_to_anothers_token_account_or_of_anothers_deposit_is_refused(deployment):
    honest = honest_withdrawal(deployment)
    paid = honest.instructions[1]
    to_thief = with_account(paid, 6, token_account(deployment, THIEF))
    assert exchanged(honest, 1, to_thief) == WRONG
    of_other = with_account(paid, 1, user_address(deployment, THIEF, 0))
    assert exchanged(honest, 1, of_other) == WRONG


@DEPLOYMENTS
def test_a_withdrawal_that_borrows_or_takes_more_is_refused(deployment):
    honest = honest_withdrawal(deployment)
    paid = honest.instructions[1]
    for values in ({"reduce_only": False}, {"amount": AMOUNT + 1}, {"market_index": 0}):
        whole = {"market_index": 1, "amount": AMOUNT, "reduce_only": True} | values
        data = codec_for(deployment.layout).encode_instruction("withdraw", whole)
        changed = Instruction(paid.program_id, data, list(paid.accounts))
        assert exchanged(honest, 1, changed) == WRONG


@DEPLOYMENTS
@pytest.mark.parametrize("place", [0, 1])
def test_the_account_that_is_unwrapped_and_where_its_sol_goes_are_fixed(deployment, place):
    honest = honest_withdrawal(deployment)
    changed = with_account(honest.instructions[2], place, THIEF)
    assert exchanged(honest, 2, changed) in (WRONG, "message.foreign_signer")


HIDDEN = {
    "approve": (TOKEN_PROGRAM_ID, b"\x04" + b"\xff" * 8),
    "set authority": (TOKEN_PROGRAM_ID, b"\x06\x02\x01" + bytes(THIEF)),
    "another program": (str(Pubkey.new_unique()), b"\x01"),
}


@DEPLOYMENTS
@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_foreign_instruction_beside_or_in_place_of_the_act_is_refused(deployment, hidden):
    program, data = HIDDEN[hidden]
    honest = honest_withdrawal(deployment)
    metas = [
        AccountMeta(token_account(deployment, WALLET.pubkey()), False, True),
        AccountMeta(THIEF, False, False),
        AccountMeta(WALLET.pubkey(), True, False),
    ]
    foreign = Instruction(Pubkey.from_string(program), data, metas)
    assert refused(honest, *honest.instructions, foreign) == "message.instruction_count"
    assert exchanged(honest, 2, foreign) == WRONG


@DEPLOYMENTS
@pytest.mark.parametrize("name", ["update_user_delegate", "delete_user", "transfer_deposit"])
def test_an_instruction_of_the_venue_that_gives_rights_or_money_away_is_refused(deployment, name):
    honest = honest_withdrawal(deployment)
    data = hashlib.sha256(f"global:{name}".encode()).digest()[:8] + b"\0\0" + bytes(THIEF)
    metas = [
        AccountMeta(user_address(deployment, WALLET.pubkey(), 0), False, True),
        AccountMeta(WALLET.pubkey(), True, True),
    ]
    hostile = Instruction(Pubkey.from_string(deployment.program_id), data, metas)
    assert exchanged(honest, 1, hostile) == WRONG
    assert refused(honest, hostile, *honest.instructions) == "message.instruction_count"


@DEPLOYMENTS
def test_a_message_that_would_live_by_a_nonce_is_refused(deployment):
    honest = honest_withdrawal(deployment)
    nonce = advance_nonce_account(
        AdvanceNonceAccountParams(nonce_pubkey=THIEF, authorized_pubkey=WALLET.pubkey())
    )
    assert refused(honest, nonce, *honest.instructions) == "message.instruction_count"
    assert exchanged(honest, 0, nonce) == WRONG


@DEPLOYMENTS
def test_wrapped_sol_goes_into_the_wallets_own_account_alone(deployment):
    honest = honest_sol_deposit(deployment)
    check(honest)
    wrapping = honest.instructions[2]
    thiefs = token_account_of(THIEF, SOL_COLLATERAL)
    for place in (THIEF, thiefs):
        assert exchanged(honest, 2, with_account(wrapping, 1, place)) == WRONG
    assert exchanged(honest, 2, from_allowed(own(deployment).wrap(lamports=6))) == WRONG
    more = transfer(TransferParams(from_pubkey=WALLET.pubkey(), to_pubkey=thiefs, lamports=1))
    assert refused(honest, *honest.instructions, more) == "message.instruction_count"


@DEPLOYMENTS
@pytest.mark.parametrize("closing", [1, 5])
def test_a_deposits_wrapped_account_is_closed_to_the_wallet_alone(deployment, closing):
    honest = honest_sol_deposit(deployment)
    instruction = honest.instructions[closing]
    thief = AccountMeta(THIEF, is_signer=False, is_writable=True)
    metas = [instruction.accounts[0], thief, instruction.accounts[2]]
    stolen = Instruction(instruction.program_id, bytes(instruction.data), metas)
    assert exchanged(honest, closing, stolen) == WRONG
    another = token_account(deployment, WALLET.pubkey())
    assert exchanged(honest, closing, with_account(instruction, 0, another)) == WRONG


@DEPLOYMENTS
@pytest.mark.parametrize(
    "changes",
    [{"order_id": 10}, {"size": 4 * 10**9}, {"price": 1}, {"max_ts": None}, {"trigger_price": 1}],
)
def test_a_change_that_differs_from_the_confirmed_one_is_refused(deployment, changes):
    allowed = own(deployment).modify_order(CHANGE)
    honest = plan([from_allowed(allowed)], [allowed])
    check(honest)
    other = own(deployment).modify_order(replace(CHANGE, **changes))
    assert refused(honest, from_allowed(other)) == WRONG


@DEPLOYMENTS
def test_a_changes_bytes_mean_what_was_confirmed_and_must_modify(deployment):
    _, values = codec_for(deployment.layout).decode_instruction(
        own(deployment).modify_order(CHANGE).data
    )
    params = values["modify_order_params"]
    told = {name: value for name, value in params.items() if value is not None}
    assert values["order_id"] == 9
    assert told == {
        "base_asset_amount": CHANGE.size,
        "price": CHANGE.price,
        "max_ts": CHANGE.max_ts,
        "policy": 3,
    }


@DEPLOYMENTS
def test_a_stops_bytes_mean_what_was_confirmed(deployment):
    stop = replace(
        TERMS, kind="trigger_market", price=0, auction=None, trigger=(135 * 10**6, False)
    )
    _, values = codec_for(deployment.layout).decode_instruction(
        own(deployment).place_orders([TERMS, stop]).data
    )
    market, trigger = values["params"]
    assert market["order_type"] == "Market"
    assert (trigger["order_type"], trigger["trigger_condition"]) == ("TriggerMarket", "Below")
    assert (trigger["trigger_price"], trigger["price"]) == (135 * 10**6, 0)


@DEPLOYMENTS
def test_settling_names_the_wallets_own_account_and_the_vault(deployment):
    one = own(deployment).settle_pnl(market_index=2)
    several = own(deployment).settle_multiple_pnls(market_indexes=[0, 2])
    codec = codec_for(deployment.layout)
    assert codec.decode_instruction(one.data) == ("settle_pnl", {"market_index": 2})
    name, values = codec.decode_instruction(several.data)
    assert (name, values) == (
        "settle_multiple_pnls",
        {"market_indexes": [0, 2], "mode": "TrySettle"},
    )
    honest = plan([from_allowed(one)], [one])
    check(honest)
    other = with_account(honest.instructions[0], 1, user_address(deployment, THIEF, 0))
    assert refused(honest, other) == WRONG
    assert quote(deployment).market_index == 0
