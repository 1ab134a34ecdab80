"""What can be withdrawn, against the recorded program and against its own margin rule."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from drift.account_reader import reader_for
from drift.accounts import SpotPosition
from drift.layouts.deployments import DRIFT, DRIFT_2024_10
from drift.margin import MarginCategory, Valuation, margin_requirement, total_collateral
from drift.withdrawals import market_withdraw_limit, withdrawable
from tests.drift.recordings import SCENARIOS, account_bytes, scenario
from tests.drift.test_margin import worlds
from tests.drift.worlds import trading_world

READER = reader_for(DRIFT_2024_10)
DAILY_LIMIT = 6128


def withdrawals(name):
    """(step, instruction's arguments, account and valuation before it)."""
    recording = scenario(name)
    owner = DRIFT.program_id
    accounts = dict(recording["genesis"]["accounts"])
    for step in recording["steps"]:
        price = int(step["oracle"]["price_1e6"])
        for instruction in step["instructions"]:
            if instruction.get("name") != "withdraw" or "args" not in instruction:
                continue
            spot = [
                READER.spot_market(owner=owner, data=account_bytes(a))
                for a in accounts.values()
                if a["kind"] == "SpotMarket"
            ]
            perp = [
                READER.perp_market(owner=owner, data=account_bytes(a))
                for a in accounts.values()
                if a["kind"] == "PerpMarket"
            ]
            user = accounts.get(instruction["accounts"][1][0])
            if user is None or user["kind"] != "User":
                continue
            yield (
                step,
                instruction["args"],
                READER.user(owner=owner, data=account_bytes(user)),
                Valuation(
                    perp_markets={m.market_index: m for m in perp},
                    spot_markets={m.market_index: m for m in spot},
                    perp_prices={0: price},
                    spot_prices={0: 10**6, 1: price},
                    now=step["clock"]["unix_timestamp"],
                ),
            )
        for address, account in step["accounts_after"].items():
            if account.get("closed"):
                accounts.pop(address, None)
            elif "data_zb64" in account:
                accounts[address] = account


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_withdrawals_within_what_we_say_were_not_refused_for_margin_or_limit(name):
    for step, args, account, valuation in withdrawals(name):
        found = withdrawable(account, valuation, int(args["market_index"]))
        asked = int(args["amount"])
        if step.get("error_code") in (6003, 6153) and asked <= found.deposited:
            assert asked > found.amount
        if step.get("error_code") == DAILY_LIMIT:
            assert asked > found.market_limit


def test_recorded_withdrawals_include_a_daily_limit_and_many_that_passed():
    codes = [step.get("error_code") for name in SCENARIOS for step, *_ in withdrawals(name)]
    assert DAILY_LIMIT in codes
    assert codes.count(None) > 20


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_taking_out_what_is_free_leaves_the_initial_margin_and_hardly_more(world):
    valuation = world.valuation
    short = slack(with_deposit(world.account, 0), valuation)
    account = with_deposit(world.account, max(0, -short) * 1_005 // 1_000 + 10**9)
    found = withdrawable(account, valuation, 0)
    rounded = 100 + sum(map(abs, sums(account, valuation))) // 10**5
    assume(found.free is not None and 1000 < found.free < found.deposited - rounded)
    after, more = (
        with_deposit(account, found.deposited - taken)
        for taken in (found.free, found.free + rounded)
    )
    assert slack(after, valuation) >= 0
    assert slack(more, valuation) < 0


def sums(account, valuation):
    """(collateral, requirement) by which the program judges a withdrawal."""
    category = MarginCategory.INITIAL
    return tuple(
        figure(account, valuation, category, strict=True)
        for figure in (total_collateral, margin_requirement)
    )


def slack(account, valuation):
    collateral, requirement = sums(account, valuation)
    return collateral - requirement


def with_deposit(account, tokens):
    """The quote balance in these worlds earned nothing: a token is 1000 scaled units."""
    others = tuple(p for p in account.spot_positions if p.market_index != 0)
    deposit = SpotPosition(tokens * 1000, 0, 0, 0, 0, "Deposit", 0)
    return replace(account, spot_positions=(deposit, *others))


def test_without_positions_or_borrows_all_of_the_deposit_is_free():
    world = trading_world(
        spot=[{"market_index": 0, "scaled_balance": 7_000}],
        perp=[{"market_index": 0, "quote_asset_amount": 5}],
    )
    found = withdrawable(world.account, world.valuation, 0)
    assert (found.deposited, found.free) == (7, None)
    owing = trading_world(
        spot=[{"market_index": 0, "scaled_balance": 7_000}],
        perp=[{"market_index": 0, "quote_asset_amount": -4}],
    )
    assert withdrawable(owing.account, owing.valuation, 0).free == 1
    assert withdrawable(world.account, world.valuation, 2).amount == 0


def test_the_market_keeps_three_quarters_of_its_day_and_what_it_lent():
    market = replace(
        trading_world(spot=[], perp=[]).valuation.spot_markets[0],
        deposit_balance=1_000 * 10**9,
        deposit_token_twap=1_000 * 10**6,
        optimal_utilization=800_000,
    )
    assert market_withdraw_limit(market) == 250 * 10**6
    assert market_withdraw_limit(replace(market, withdraw_guard_threshold=600 * 10**6)) == (
        600 * 10**6
    )
    lent = replace(market, borrow_balance=720 * 10**9)
    assert market_withdraw_limit(lent) == 100 * 10**6
    emptied = replace(market, borrow_balance=990 * 10**9, withdraw_guard_threshold=10**15)
    assert market_withdraw_limit(emptied) == 10 * 10**6
    fallen = replace(market, deposit_balance=700 * 10**9)
    assert market_withdraw_limit(fallen) == 0
