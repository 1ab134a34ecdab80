"""Instructions, byte for byte those of the reference client, account for account."""

import asyncio
import base64

import pytest
from driftpy import types as theirs
from solders.pubkey import Pubkey

from drift.codec import codec_for
from drift.instructions import InstructionBuilder, Trader
from drift.layouts.deployments import DRIFT, DRIFT_2024_10, TOKEN_PROGRAM_ID, VELOCITY
from drift.orders import ModifyOrderParams, OrderParams
from drift.pdas import (
    associated_token_address,
    insurance_fund_vault_address,
    lazer_oracle_address,
    signer_address,
    state_address,
    user_address,
    user_stats_address,
)
from tests.drift.recordings import SCENARIOS, scenario
from tests.drift.worlds import AUTHORITY, trading_world

TOKEN_PROGRAM = Pubkey.from_string(TOKEN_PROGRAM_ID)
TOKEN_ACCOUNT = Pubkey.from_bytes(bytes([3] * 32))
POSITIONS = {
    "nothing": {"spot": [], "perp": []},
    "a deposit": {"spot": [{"market_index": 0, "scaled_balance": 5}], "perp": []},
    "everything": {
        "spot": [
            {"market_index": 0, "scaled_balance": 5},
            {"market_index": 2, "scaled_balance": 5, "open_bids": 4, "open_orders": 1},
        ],
        "perp": [
            {"market_index": 2, "base_asset_amount": 5},
            {"market_index": 0, "open_orders": 1},
        ],
    },
}

LIMIT = OrderParams(
    order_type="Limit",
    direction="Short",
    market_index=1,
    base_asset_amount=3 * 10**9,
    price=149_998_000,
    reduce_only=True,
    user_order_id=9,
    max_ts=None,
    post_only="MustPostOnly",
)
AUCTION = OrderParams(
    order_type="Market",
    direction="Long",
    market_index=0,
    base_asset_amount=10**10,
    price=152 * 10**6,
    reduce_only=False,
    user_order_id=1,
    max_ts=1_728_100_060,
    auction_duration=10,
    auction_start_price=150 * 10**6,
    auction_end_price=152 * 10**6,
)
STOP = OrderParams(
    order_type="TriggerMarket",
    direction="Short",
    market_index=2,
    base_asset_amount=10**9,
    price=0,
    reduce_only=True,
    user_order_id=255,
    max_ts=None,
    trigger_price=140 * 10**6,
    trigger_condition="Below",
    immediate_or_cancel=True,
    oracle_price_offset=-5,
)


def their_order(order):
    variants = {
        "order_type": getattr(theirs.OrderType, order.order_type)(),
        "direction": getattr(theirs.PositionDirection, order.direction)(),
        "market_type": theirs.MarketType.Perp(),
        "trigger_condition": getattr(theirs.OrderTriggerCondition, order.trigger_condition)(),
        "post_only": theirs.PostOnlyParams.MustPostOnly()
        if order.post_only == "MustPostOnly"
        else theirs.PostOnlyParams.NONE(),
        "bit_flags": int(order.immediate_or_cancel),
    }
    plain = {
        name: getattr(order, name)
        for name in OrderParams.__slots__
        if name not in variants and name != "immediate_or_cancel"
    }
    return theirs.OrderParams(**plain, **variants)


def equal(own, reference):
    assert own.program_id == reference.program_id
    assert own.data == reference.data
    assert [(str(m.pubkey), m.is_signer, m.is_writable) for m in own.accounts] == [
        (str(m.pubkey), m.is_signer, m.is_writable) for m in reference.accounts
    ]


@pytest.fixture(params=list(POSITIONS))
def world(request):
    return trading_world(**POSITIONS[request.param])


@pytest.fixture
def builder(world):
    return InstructionBuilder(DRIFT, world.markets)


@pytest.fixture
def trader(world):
    return Trader(authority=AUTHORITY, sub_account_id=0, signer=AUTHORITY, account=world.account)


def test_initialising_equals_the_reference(world, builder):
    equal(
        builder.initialize_user_stats(authority=AUTHORITY, payer=AUTHORITY),
        world.client.get_initialize_user_stats(),
    )
    equal(
        builder.initialize_user(
            authority=AUTHORITY, payer=AUTHORITY, sub_account_id=2, name="Laminator"
        ),
        world.client.get_initialize_user_instructions(2, "Laminator"),
    )


@pytest.mark.parametrize("market_index", [0, 2])
def test_a_deposit_equals_the_reference(world, builder, trader, market_index):
    own = builder.deposit(
        trader=trader,
        market_index=market_index,
        amount=500_000_000,
        user_token_account=TOKEN_ACCOUNT,
        token_program=TOKEN_PROGRAM,
    )
    [reference] = asyncio.run(
        world.client.get_deposit_collateral_ix(500_000_000, market_index, TOKEN_ACCOUNT, 0)
    )
    equal(own, reference)


def test_a_withdrawal_equals_the_references_reduce_only_one(world, builder, trader):
    own = builder.withdraw(
        trader=trader,
        market_index=0,
        amount=7,
        user_token_account=TOKEN_ACCOUNT,
        token_program=TOKEN_PROGRAM,
    )
    [reference] = asyncio.run(
        world.client.get_withdraw_collateral_ix(
            7, 0, TOKEN_ACCOUNT, reduce_only=True, sub_account_id=0
        )
    )
    equal(own, reference)


@pytest.mark.parametrize("order", [LIMIT, AUCTION, STOP], ids=["limit", "auction", "stop"])
def test_placing_equals_the_reference(world, builder, trader, order):
    client = world.client
    equal(
        builder.place_perp_order(trader=trader, order=order),
        client.get_place_perp_order_ix(their_order(order), 0),
    )
    equal(
        builder.place_and_take_perp_order(trader=trader, order=order),
        client.get_place_and_take_perp_order_ix(their_order(order), sub_account_id=0),
    )


def test_placing_several_equals_the_reference(world, builder, trader):
    equal(
        builder.place_orders(trader=trader, orders=[LIMIT, AUCTION, STOP]),
        world.client.get_place_orders_ix([their_order(o) for o in (LIMIT, AUCTION, STOP)], 0),
    )


def test_cancelling_and_settling_equal_the_reference(world, builder, trader):
    client = world.client
    equal(builder.cancel_order(trader=trader, order_id=7), client.get_cancel_order_ix(7, 0))
    equal(
        builder.cancel_orders(trader=trader, market_index=None, direction=None),
        client.get_cancel_orders_ix(None, None, None, 0),
    )
    equal(
        builder.cancel_orders(trader=trader, market_index=2, direction="Short"),
        client.get_cancel_orders_ix(
            theirs.MarketType.Perp(), 2, theirs.PositionDirection.Short(), 0
        ),
    )
    user = user_address(DRIFT, AUTHORITY, 0)
    equal(
        builder.settle_pnl(trader=trader, market_index=0),
        client.get_settle_pnl_ix(user, world.user.get_user_account(), 0),
    )


def test_modifying_equals_the_reference_and_always_must_modify(world, builder, trader):
    changes = ModifyOrderParams(price=149_000_000, max_ts=0, base_asset_amount=5)
    reference = theirs.ModifyOrderParams(price=149_000_000, max_ts=0, base_asset_amount=5, policy=1)
    equal(
        builder.modify_order(trader=trader, order_id=3, changes=changes),
        world.client.get_modify_order_ix(3, reference, 0),
    )
    remaining = ModifyOrderParams(base_asset_amount=5, exclude_previous_fill=True)
    equal(
        builder.modify_order(trader=trader, order_id=3, changes=remaining),
        world.client.get_modify_order_ix(
            3, theirs.ModifyOrderParams(base_asset_amount=5, policy=3), 0
        ),
    )
    with pytest.raises(ValueError, match="cannot exclude"):
        InstructionBuilder(DRIFT_2024_10, world.markets).modify_order(
            trader=trader, order_id=3, changes=remaining
        )


def test_a_delegate_signs_for_the_authoritys_accounts(world, builder):
    delegate = Pubkey.from_bytes(bytes([8] * 32))
    trader = Trader(
        authority=AUTHORITY,
        sub_account_id=1,
        signer=delegate,
        account=None,
        recent_perps=(2,),
    )
    own = builder.cancel_order(trader=trader, order_id=1)
    assert own.accounts[1].pubkey == user_address(DRIFT, AUTHORITY, 1)
    assert own.accounts[2].pubkey == delegate
    brought = {meta.pubkey for meta in own.accounts[3:]}
    perp = world.valuation.perp_markets[2]
    assert brought == {perp.oracle, perp.pubkey, world.valuation.spot_markets[0].pubkey}


def test_a_writable_market_stays_writable_and_a_prelaunch_oracle_too(builder):
    trader = Trader(authority=AUTHORITY, sub_account_id=0, signer=AUTHORITY, account=None)
    metas = builder.place_and_take_perp_order(trader=trader, order=LIMIT).accounts[4:]
    assert [meta.is_writable for meta in metas] == [True, False, True]


def test_velocity_differs_where_its_layout_does(world):
    builder = InstructionBuilder(VELOCITY, world.markets)
    trader = Trader(authority=AUTHORITY, sub_account_id=0, signer=AUTHORITY, account=None)
    created = builder.initialize_user(
        authority=AUTHORITY, payer=TOKEN_ACCOUNT, sub_account_id=0, name="x"
    )
    assert [meta.is_signer for meta in created.accounts] == [False] * 4 + [True, False, False]
    order = builder.place_perp_order(trader=trader, order=STOP)
    _, values = codec_for(VELOCITY.layout).decode_instruction(order.data)
    assert values["params"]["builder_idx"] is None
    assert values["params"]["bit_flags"] == 1
    assert len(order.data) == len(builder_data(world, STOP)) + 4 + 2
    withdrawal = builder.withdraw(
        trader=trader,
        market_index=0,
        amount=1,
        user_token_account=TOKEN_ACCOUNT,
        token_program=TOKEN_PROGRAM,
    )
    assert withdrawal.accounts[5].pubkey == signer_address(VELOCITY)
    assert withdrawal.data[-1] == 1


def builder_data(world, order):
    trader = Trader(authority=AUTHORITY, sub_account_id=0, signer=AUTHORITY, account=None)
    return (
        InstructionBuilder(DRIFT, world.markets).place_perp_order(trader=trader, order=order).data
    )


def test_what_cannot_be_built_is_refused(builder, trader):
    with pytest.raises(KeyError):
        builder.settle_pnl(trader=trader, market_index=77)
    with pytest.raises(ValueError, match="no token program"):
        builder.withdraw(
            trader=trader,
            market_index=0,
            amount=1,
            user_token_account=TOKEN_ACCOUNT,
            token_program=AUTHORITY,
        )
    with pytest.raises(ValueError, match="at most 32 bytes"):
        builder.initialize_user(
            authority=AUTHORITY, payer=AUTHORITY, sub_account_id=0, name="ö" * 17
        )


@pytest.mark.parametrize("name", SCENARIOS)
def test_addresses_are_those_of_the_recordings(name):
    labels = {label: address for address, label in scenario(name)["labels"].items()}
    alice = Pubkey.from_string(labels["alice wallet"])
    assert str(state_address(DRIFT)) == labels["State"]
    assert str(signer_address(DRIFT)) == labels["drift signer"]
    assert str(user_address(DRIFT, alice, 0)) == labels["alice User 0"]
    assert str(user_stats_address(DRIFT, alice)) == labels["alice UserStats"]
    assert str(insurance_fund_vault_address(DRIFT, 1)) == labels["insurance vault 1"]
    mint = Pubkey.from_string(labels["mint USDC"])
    token_account = associated_token_address(alice, mint, TOKEN_PROGRAM)
    assert str(token_account) == labels["alice ATA USDC"]


def test_a_recorded_order_is_built_again_to_the_byte():
    recorded = next(
        instruction
        for step in scenario("auction_fill")["steps"]
        for instruction in step["instructions"]
        if instruction.get("name") == "place_perp_order"
    )
    args = recorded["args"]["params"]
    numbers = {
        name: None if args[name] is None else int(args[name])
        for name in ("max_ts", "auction_duration", "auction_start_price", "auction_end_price")
    }
    order = OrderParams(
        order_type=args["order_type"],
        direction=args["direction"],
        market_index=int(args["market_index"]),
        base_asset_amount=int(args["base_asset_amount"]),
        price=int(args["price"]),
        reduce_only=args["reduce_only"],
        user_order_id=int(args["user_order_id"]),
        post_only=args["post_only"],
        **numbers,
    )
    data = codec_for(DRIFT_2024_10.layout).encode_instruction(
        "place_perp_order", {"params": order.values(DRIFT_2024_10)}
    )
    assert data == base64.b64decode(recorded["data_b64"])


def test_a_lazer_oracle_is_derived_from_its_feed():
    assert lazer_oracle_address(VELOCITY, 6) != lazer_oracle_address(VELOCITY, 7)
    assert lazer_oracle_address(VELOCITY, 6) != lazer_oracle_address(DRIFT, 6)
