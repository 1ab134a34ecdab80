"""Both emulated exchanges live: keepers, prices, faults and what an account then holds."""

import json
from decimal import Decimal

import pytest
from solders.instruction import AccountMeta, Instruction

from sandbox.perps.deployment import DRIFT, SYSTEM_PROGRAM, VELOCITY
from sandbox.perps.participants import RENT_SYSVAR, instruction, keeper_of
from sandbox.perps.terms import OrderType, PostOnly, Trigger
from sandbox.solana.tokens import read_token_account
from tests.sandbox.exchange import BASE, QUOTE, Trader, empty_chain, new_chain
from tests.sandbox.recordings import event_names

LONG, SHORT = 0, 1
both = pytest.mark.parametrize("deployment", [DRIFT, VELOCITY], ids=lambda item: item.key)


@pytest.fixture
def chain():
    return new_chain()


@pytest.fixture
def trader(chain, deployment):
    return Trader(chain, deployment)


def history_of(chain, trader):
    """Records of all transactions that name the trader's account, oldest first."""
    return chain.ledger.of_address(str(trader.user))[::-1]


@both
def test_accounts_have_the_sizes_of_the_deployment(chain, deployment, trader):
    kinds = {
        "State": deployment.state,
        "User": trader.user,
        "UserStats": deployment.user_stats(trader.key),
        "PerpMarket": deployment.perp_market(3),
        "SpotMarket": deployment.spot_market(1),
    }
    for kind, key in kinds.items():
        account = chain.account(key)
        assert len(account.data) == deployment.declared.layout.accounts[kind].size
        assert account.lamports == chain.rent(len(account.data))


@both
def test_a_keeper_fills_a_market_order_in_a_transaction_of_its_own(chain, deployment, trader):
    placed = trader.sends(trader.order())

    chain.advance(30)

    fill = history_of(chain, trader)[-1]
    assert fill.signature != placed.signature
    assert fill.keys[0] == str(keeper_of(chain, deployment).pubkey())
    assert event_names(deployment, fill.logs) == ["OrderActionRecord"]
    position = trader.position()
    assert position.base_asset_amount == BASE
    assert -151 * QUOTE < position.quote_entry_amount < -150 * QUOTE
    fee = position.quote_entry_amount - position.quote_break_even_amount
    assert fee == -(position.quote_entry_amount // 1000)
    assert trader.account().open_orders == 0


@both
def test_a_reduce_only_order_closes_the_position(chain, deployment, trader):
    trader.sends(trader.order())
    chain.advance(30)

    trader.sends(trader.order(direction=SHORT, reduce_only=True, base_asset_amount=2 * BASE))
    chain.advance(60)

    position = trader.position()
    assert position.base_asset_amount == 0
    assert position.quote_asset_amount < 0
    assert trader.account().open_orders == 0


@both
def test_the_partial_fault_fills_an_order_in_two_parts(chain, deployment, trader):
    chain.state.faults.set("keeper_partial", part=40)
    trader.sends(trader.order())

    chain.advance(10)
    part = int(trader.position().base_asset_amount)
    chain.advance(20)

    assert part == BASE * 4 // 10
    assert trader.position().base_asset_amount == BASE


@both
def test_with_keepers_off_nothing_is_filled_and_the_owner_cleans_for_free(
    chain, deployment, trader
):
    chain.state.faults.set("keeper_off")
    trader.sends(trader.order())
    chain.advance(50)
    assert trader.position().base_asset_amount == 0

    chain.state.clock.offset_seconds += 120
    trader.sends(trader.order(user_order_id=7))

    account = trader.account()
    assert account.open_orders == 1
    assert account.find_position(0).quote_asset_amount == 0


@both
def test_a_keeper_charges_a_flat_fee_for_an_expired_order(chain, deployment, trader):
    chain.set_clock(slot=chain.clock.slot, unix_timestamp=chain.clock.unix_timestamp)
    order = {"order_type": OrderType.LIMIT, "price": 100 * QUOTE}
    trader.sends(trader.order(**order, max_ts=chain.clock.unix_timestamp + 20))
    chain.set_clock(slot=chain.clock.slot, unix_timestamp=chain.clock.unix_timestamp + 36)

    chain.advance(60)

    assert trader.account().open_orders == 0
    assert trader.position().quote_asset_amount == -QUOTE // 100


@both
def test_a_resting_limit_order_waits_for_its_price(chain, deployment, trader):
    trader.sends(trader.order(order_type=OrderType.LIMIT, price=149 * QUOTE))
    chain.advance(40)
    assert trader.position().base_asset_amount == 0

    chain.exchange.set_price(chain, "SOL", Decimal("148.5"))
    chain.advance(20)

    assert trader.position().base_asset_amount == BASE
    assert -149 * QUOTE <= trader.position().quote_entry_amount < -148 * QUOTE


@both
def test_a_post_only_order_rests_and_is_filled_as_maker(chain, deployment, trader):
    limit = {"order_type": OrderType.LIMIT, "post_only": PostOnly.MUST}
    trader.sends(trader.order(**limit, price=149 * QUOTE))
    chain.advance(20)
    chain.exchange.set_price(chain, "SOL", Decimal("148.5"))

    chain.advance(20)

    position = trader.position()
    assert position.quote_entry_amount == -149 * QUOTE
    assert position.quote_asset_amount > position.quote_entry_amount


@both
def test_a_stop_is_triggered_and_filled(chain, deployment, trader):
    trader.sends(trader.order())
    chain.advance(30)
    stop = {"order_type": OrderType.TRIGGER_MARKET, "trigger_condition": Trigger.BELOW}
    trader.sends(trader.order(**stop, trigger_price=140 * QUOTE, direction=SHORT, reduce_only=True))
    chain.advance(20)
    assert trader.position().base_asset_amount == BASE

    chain.exchange.set_price(chain, "SOL", Decimal(139))
    chain.advance(60)

    assert trader.position().base_asset_amount == 0


@both
def test_a_position_without_margin_is_liquidated(chain, deployment, trader):
    trader.sends(trader.order(base_asset_amount=50 * BASE))
    chain.advance(30)
    assert trader.position().base_asset_amount == 50 * BASE

    chain.exchange.set_price(chain, "SOL", Decimal(134))
    chain.advance(200)

    left = trader.position()
    assert left is None or left.base_asset_amount < 50 * BASE
    records = [event_names(deployment, record.logs) for record in history_of(chain, trader)]
    assert any("LiquidationRecord" in names for names in records)


@both
def test_funding_is_set_on_the_hour_and_paid_on_touch(chain, deployment, trader):
    trader.sends(trader.order())
    chain.advance(30)
    chain.state.clock.offset_seconds += 3600
    chain.advance(8)
    market = deployment.view("PerpMarket", bytearray(chain.account(deployment.perp_market(0)).data))
    assert market.next_funding_rate_record_id > 1
    assert market.cumulative_funding_rate_long != 0
    assert trader.account().cumulative_perp_funding == 0

    trader.sends(trader.order(direction=SHORT, reduce_only=True))
    chain.advance(30)

    assert trader.account().cumulative_perp_funding != 0


@both
def test_a_stale_oracle_stops_the_fills(chain, deployment, trader):
    chain.state.faults.set("oracle_stale", symbols=["SOL"])
    chain.advance(15)
    trader.sends(trader.order())

    chain.advance(30)

    assert trader.position().base_asset_amount == 0


@both
def test_a_withdrawal_is_paid_out_of_the_vault(chain, deployment, trader):
    vault = deployment.vault(0)
    held = tokens_in(chain, vault)

    trader.sends(trader.withdrawal(400 * QUOTE))
    too_much = trader.sends(trader.withdrawal(10_000 * QUOTE))

    # A partial withdrawal is rounded against its owner, by one unit.
    assert tokens_in(chain, vault) == held - 1000 * QUOTE + 1
    assert event_names(deployment, too_much.logs) == ["DepositRecord"]
    assert trader.account().spot_positions[0].scaled_balance == 0


@both
def test_a_gain_is_settled_into_the_deposit(chain, deployment, trader):
    trader.sends(trader.order())
    chain.advance(30)
    chain.exchange.set_price(chain, "SOL", Decimal(160))
    closing = {"auction_start_price": 160 * QUOTE, "auction_end_price": 159 * QUOTE}
    trader.sends(trader.order(direction=SHORT, reduce_only=True, **closing))
    chain.advance(30)
    gained = int(trader.position().quote_asset_amount)

    vault = {"spot_market_vault": deployment.vault(0)}
    trader.sends(trader.call("settle_pnl", vault, market_index=0))

    assert gained > 9 * QUOTE
    assert trader.position() is None
    account = trader.account()
    assert account.settled_perp_pnl == gained
    assert account.spot_positions[0].scaled_balance == (1000 * QUOTE + gained) * 1000


@both
def test_a_paused_exchange_refuses_until_it_opens_again(chain, deployment, trader):
    chain.state.faults.set("exchange_paused", deployment=deployment.key)
    chain.advance(1)
    paused = trader.send(trader.order()).error

    chain.state.faults.clear("exchange_paused")
    chain.advance(1)

    assert paused == {"InstructionError": [0, {"Custom": 6024}]}
    trader.sends(trader.order())


def test_velocity_refuses_a_limit_that_moves_with_the_oracle(chain):
    order = {"order_type": OrderType.LIMIT, "oracle_price_offset": -QUOTE}

    refused = Trader(chain, VELOCITY)
    taken = Trader(chain, DRIFT)

    assert refused.send(refused.order(**order)).error is not None
    assert taken.send(taken.order(**order)).error is None


@both
def test_a_referrer_is_paid_from_the_fee_and_the_taker_saves_on_it(chain, deployment):
    referrer = Trader(chain, deployment, "referrer")
    referred = Trader(chain, deployment, "referred", referrer=referrer)
    chain.state.faults.set("keeper_off")
    set_least_auction(chain, deployment, 0)

    take = referred.call(
        "place_and_take_perp_order",
        {"user_stats": deployment.user_stats(referred.key)},
        params=referred.limit_params(price=151 * QUOTE),
    )
    referred.sends(Instruction(take.program_id, take.data, take.accounts + referrer.pair()))

    fee = int(referred.position().quote_entry_amount - referred.position().quote_break_even_amount)
    full = -(-int(-referred.position().quote_entry_amount) // 1000)
    assert fee == full - full * 5 // 100
    assert referrer.position().quote_asset_amount == full * 15 // 100


def set_least_auction(chain, deployment, slots):
    admin = chain.keypair(f"{deployment.key} admin")
    chain.airdrop(admin.pubkey(), 10**9)
    accounts = {"admin": admin.pubkey(), "state": deployment.state}
    name = "update_perp_auction_duration"
    changed = instruction(deployment, name, accounts, [], min_perp_auction_duration=slots)
    assert chain.send([changed], payer=admin).error is None


@both
def test_keepers_fill_referred_users_too(chain, deployment):
    referrer = Trader(chain, deployment, "referrer")
    referred = Trader(chain, deployment, "referred", referrer=referrer)

    referred.sends(referred.order())
    chain.advance(30)

    assert referred.position().base_asset_amount == BASE
    assert referrer.position().quote_asset_amount > 0


@both
def test_a_restored_chain_goes_on_with_its_orders(chain, deployment, trader):
    chain.state.faults.set("keeper_slow", slots=20)
    trader.sends(trader.order())
    chain.advance(5)
    saved = json.loads(json.dumps(chain.snapshot()))

    again = empty_chain()
    again.restore(saved)
    again.advance(40)

    view = deployment.view("User", bytearray(again.account(trader.user).data))
    assert view.find_position(0).base_asset_amount == BASE


def tokens_in(chain, key):
    return read_token_account(chain.account(key)).amount


@both
def test_the_real_error_numbers_refuse(chain, deployment, trader):
    refused = {
        6003: trader.order(base_asset_amount=1_000 * BASE),
        6050: trader.order(**immediate(deployment)),
        6059: trader.order(base_asset_amount=1),
        6078: trader.order(market_index=9),
    }
    for number, order in refused.items():
        error = trader.send(order).error
        assert error == {"InstructionError": [0, {"Custom": number}]}


def immediate(deployment):
    return {"order_type": OrderType.LIMIT, "price": 150 * QUOTE, "bit_flags": 1}


def test_velocity_opens_an_account_for_an_authority_that_does_not_sign(chain):
    payer = Trader(chain, VELOCITY)
    other = chain.keypair("someone else").pubkey()

    assert opened_for(payer, other, VELOCITY).error is None
    assert chain.account(VELOCITY.user_stats(other)) is not None


def test_drift_refuses_an_authority_that_does_not_sign(chain):
    payer = Trader(chain, DRIFT)
    other = chain.keypair("someone else").pubkey()

    error = opened_for(payer, other, DRIFT).error

    assert error == {"InstructionError": [0, {"Custom": 3010}]}


def opened_for(payer, authority, deployment):
    made = payer.call(
        "initialize_user_stats",
        {
            "user_stats": deployment.user_stats(authority),
            "authority": authority,
            "payer": payer.key,
            "rent": RENT_SYSVAR,
            "system_program": SYSTEM_PROGRAM,
        },
    )
    metas = [
        AccountMeta(meta.pubkey, meta.is_signer and meta.pubkey == payer.key, meta.is_writable)
        for meta in made.accounts
    ]
    return payer.send(Instruction(made.program_id, made.data, metas))
