"""What every venue keeps of taking money out: partly, wholly, no more than there is."""

from decimal import Decimal

import pytest

from tests.sandbox.solana_calls import wait_for
from tests.venues.contract import assert_identities
from trading.enums import EntryKind


def test_nothing_can_be_withdrawn_where_there_is_no_account(bench):
    found = bench.withdrawable()
    assert (found.deposited, found.unsettled, found.amount) == (0, 0, 0)
    assert bench.withdraw("1") == "venue.no_account"


def test_part_of_a_deposit_is_withdrawn_to_the_wallet(bench):
    bench.deposit("1000")
    before = bench.held()
    found = bench.withdrawable()
    assert (found.deposited, found.amount, found.unsettled) == (1000, 1000, 0)
    assert bench.withdraw("250.5") is None
    assert bench.held() == before + Decimal("250.5")
    left = bench.report().tokens[bench.venue.quote_symbol]
    # The venue may keep a unit of its own rounding.
    assert 0 <= Decimal("749.5") - left <= bench.venue.quote_step
    (entry,) = bench.entries(EntryKind.WITHDRAWAL)
    assert (entry.amount, entry.token_symbol) == (Decimal("-250.5"), bench.venue.quote_symbol)
    assert_identities(bench)


def test_all_of_a_deposit_is_withdrawn(bench):
    bench.deposit("1000")
    before = bench.held()
    assert bench.withdraw(bench.withdrawable().amount) is None
    assert bench.held() == before + 1000
    assert bench.report().tokens.get(bench.venue.quote_symbol, Decimal(0)) == 0
    assert bench.withdrawable().amount == 0


def test_more_than_is_there_pays_what_is_there_and_lends_nothing(bench):
    bench.deposit("1000")
    before = bench.held()
    assert bench.withdraw("5000") is None
    assert bench.held() == before + 1000
    (entry,) = bench.entries(EntryKind.WITHDRAWAL)
    assert entry.amount == -1000
    assert bench.report().collateral == 0


def test_what_a_position_needs_stays(bench):
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "20")
    found = bench.withdrawable()
    assert found.free_collateral < found.deposited
    assert found.amount == found.free_collateral
    assert bench.withdraw(found.amount) is None
    report = bench.report()
    assert Decimal("-0.01") < report.free_collateral < 1
    assert report.positions[0].size == 20


def test_profit_is_withdrawn_after_it_is_settled(bench):
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "5")
    bench.set_price(160)
    found = bench.withdrawable()
    assert Decimal(45) < found.unsettled < 50
    assert found.amount <= found.deposited == 1000
    assert bench.settle(0) is None
    (settled,) = bench.entries(EntryKind.SETTLEMENT)
    assert abs(settled.amount - found.unsettled) < 1
    after = bench.withdrawable()
    assert after.deposited == 1000 + settled.amount
    assert after.unsettled < 1
    assert_identities(bench)


def test_several_markets_are_settled_by_one_act_and_those_without_profit_stop_nothing(bench):
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "5")
    bench.set_price(155)
    assert bench.settle(0, 1) is None
    (settled,) = bench.entries(EntryKind.SETTLEMENT)
    assert settled.market_index == 0
    assert_identities(bench)


def test_where_there_is_no_position_there_is_nothing_to_settle(bench):
    bench.deposit("10")
    before = len(bench.history())
    assert bench.settle(0) == bench.settle(0, 1) == "venue.nothing_to_settle"
    assert len(bench.history()) == before


@pytest.mark.parametrize("act", ["deposit", "withdraw", "withdrawable"])
def test_a_token_that_the_venue_does_not_take_is_refused_by_name(bench, act):
    bench.deposit("10")
    before = len(bench.history())
    acts = {
        "deposit": lambda: bench.venue.plan_deposit(bench.deposit_request(token_symbol="JUP")),
        "withdraw": lambda: bench.venue.plan_withdraw(bench.withdraw_request("1", "JUP")),
        "withdrawable": lambda: bench.withdrawable("JUP"),
    }
    assert bench.attempt(acts[act]) == "venue.wrong_token"
    assert wait_for(lambda: len(bench.history()) == before)
