"""The paper book's rules: prices, triggers, margin, funding, changes."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import Refused
from tests.trading.paper_table import START, TERMS, Table, assert_sums, ends, fills
from trading.enums import EntryKind
from trading.paper import margin, pricing
from trading.paper.book import Mark
from trading.paper.matching import run_step
from trading.paper.taking import take_cancel, take_modify
from trading.venues.base import ModifyRequest
from trading.venues.reports import EntryReport, OrderReplaced


def test_a_market_order_pays_half_the_spread_its_own_impact_and_the_takers_fee():
    table = Table()
    table.order(size="100")
    [fill] = fills(table.tick())
    # 100 * (1 + 0.0002 + 0.001 * 10000/250000) = 100.024, up to the tick.
    assert fill.quote == Decimal("10003.00")
    assert fill.fee == Decimal("5.0015")
    table.order("sell", size="100")
    [fill] = fills(table.tick())
    assert fill.quote == Decimal("9997.00")


def test_beyond_the_depth_behind_a_price_the_rest_waits_for_the_next_price():
    table = Table(money="1000000")
    table.order(size="6000")
    assert [fill.size for fill in fills(table.tick())] == [2500]
    marks = {0: Mark(Decimal(100), table.now)}
    run_step(table.book, marks=marks, terms=TERMS, now=table.now + timedelta(seconds=1))
    assert table.end_step() == []  # the very same price
    assert [fill.size for fill in fills(table.tick())] == [2500]
    assert [fill.size for fill in fills(table.tick())] == [1000]


def test_an_order_never_fills_beyond_its_worst_price_and_in_part_up_to_it():
    table = Table(money="1000000")
    table.order(size="2500", price="100.05")
    [fill] = fills(table.tick())
    assert fill.size == 750
    assert fill.quote / fill.size <= Decimal("100.05")
    assert fills(table.tick("101")) == []


def test_a_limit_rests_and_fills_at_its_own_price_for_the_makers_fee():
    table = Table()
    table.order(size="10", order_type="limit", price="99")
    assert fills(table.tick("99.01")) == []
    assert fills(table.tick("99")) == []  # the other side of the book stands above its price
    [fill] = fills(table.tick("98.90"))
    assert (fill.is_maker, fill.quote) == (True, 990)
    assert fill.fee == Decimal("0.099")


def test_a_limit_that_crosses_when_it_comes_takes_and_post_only_is_cancelled():
    table = Table()
    table.order(size="10", order_type="limit", price="120")
    [fill] = fills(table.tick())
    assert (fill.is_maker, fill.quote) == (False, Decimal("1000.30"))
    table.order(size="10", order_type="limit", price="120", post_only=True)
    assert ends(table.tick()) == ["venue.would_cross"]


def test_what_cannot_be_had_at_once_is_cancelled_of_an_immediate_order():
    table = Table(money="1000000")
    table.order(size="10", order_type="limit", price="90", immediate_or_cancel=True)
    assert ends(table.tick()) == ["venue.nothing_to_take"]
    table.order(size="3000", order_type="limit", price="200", immediate_or_cancel=True)
    events = table.tick()
    assert [fill.size for fill in fills(events)] == [2500]
    assert ends(events) == ["venue.nothing_to_take"]


def test_an_offset_order_rests_that_far_from_the_price():
    table = Table()
    order = table.order(size="1", order_type="limit", oracle_offset="-1")
    assert fills(table.tick("100")) == []
    assert fills(table.tick("50")) == []
    take_modify(table.book, ModifyRequest("w", 0, order, oracle_offset=Decimal("0.5")), TERMS)
    table.end_step()
    assert len(fills(table.tick("50"))) == 1


@pytest.mark.parametrize(
    ("direction", "order_type", "waits", "fires"),
    [
        ("sell", "stop_market", "95.01", "95"), ("buy", "stop_market", "94.99", "95"),
        ("sell", "take_profit_market", "94.99", "95"), ("buy", "take_profit_market", "95.01", "95"),
    ],
)  # fmt: skip
def test_stops_and_targets_wait_for_their_side_of_the_trigger(direction, order_type, waits, fires):
    table = Table()
    table.order(direction, order_type=order_type, trigger_price="95")
    assert table.tick(waits) == []
    assert len(fills(table.tick(fires))) == 1


def test_a_stop_limit_becomes_a_limit_and_stays_one():
    table = Table()
    table.order(size="1")
    table.tick()
    table.order(
        "sell", order_type="stop_limit", trigger_price="95", price="94.50", reduce_only=True
    )
    assert table.tick("94") == []
    [fill] = fills(table.tick("96"))
    assert fill.quote >= Decimal("94.50")
    assert table.base() == 0


def test_reduce_only_takes_what_is_held_and_is_cancelled_with_the_rest():
    table = Table()
    table.order(size="2")
    table.tick()
    table.order("sell", size="5", reduce_only=True)
    events = table.tick()
    assert [fill.size for fill in fills(events)] == [2]
    assert ends(events) == ["venue.reduce_only_order_increased_position"]
    table.order("sell", size="5", reduce_only=True)
    events = table.tick()
    assert (fills(events), len(ends(events))) == ([], 1)


def test_more_than_the_collateral_allows_is_cancelled_and_a_reduction_never_is():
    table = Table(money="1000")
    table.order(size="210")
    assert ends(table.tick()) == ["venue.insufficient_collateral"]
    table.order(size="150")
    table.tick()
    table.tick("97")
    table.order("sell", size="100")
    assert [fill.size for fill in fills(table.tick())] == [100]


def test_a_liquidation_cancels_and_closes_all_takes_its_fee_and_leaves_no_debt():
    table = Table(money="1000")
    table.order(size="190")
    table.order(size="1", order_type="limit", price="50")
    table.tick()
    at = margin.liquidation_price(table.book, 0, table.prices, TERMS)
    assert table.tick(at + Decimal("0.01")) == []
    events = table.tick(at - Decimal("0.01"))
    assert ends(events) == ["venue.liquidation"]
    penalty = next(e for e in events if isinstance(e, EntryReport))
    assert penalty.kind == EntryKind.LIQUIDATION
    assert penalty.amount == -(190 * (at - Decimal("0.01")) * Decimal("0.01")).quantize(
        Decimal("0.000001"), "ROUND_DOWN"
    )
    assert (table.book.positions, table.book.orders) == ({}, {})
    assert table.book.balance > 0
    poor = Table(money="1000")
    poor.order(size="190")
    poor.tick()
    poor.tick("50")
    assert poor.book.balance == 0
    assert_sums(poor)


def test_funding_is_paid_for_each_full_hour_of_the_clock_and_by_longs():
    table = Table()
    table.order(size="10")
    table.order("sell", size="0.01", market_index=1)
    table.tick()
    assert table.tick(seconds=3000) == []
    paid = {entry.market_index: entry.amount for entry in table.tick(seconds=600)}
    assert paid == {0: Decimal("-0.0125"), 1: Decimal("0.0075")}
    later = {entry.market_index: entry.amount for entry in table.tick(seconds=7200)}
    assert later == {0: Decimal("-0.025"), 1: Decimal("0.015")}
    assert_sums(table)


def test_a_change_makes_a_new_order_of_the_rest_and_one_of_an_ended_order_is_refused():
    table = Table(money="1000000")
    order = table.order(size="3000", order_type="limit", price="101")
    table.tick()
    change = ModifyRequest("w", 0, order, size=Decimal(100), price=Decimal(102))
    assert take_modify(table.book, change, TERMS) == ["2"]
    [told] = table.end_step()
    assert isinstance(told, OrderReplaced)
    assert (told.old_venue_order_id, told.order.venue_order_id) == (order, "2")
    assert [fill.size for fill in fills(table.tick())] == [100]
    with pytest.raises(Refused, match="order_gone"):
        take_modify(table.book, change, TERMS)
    assert take_cancel(table.book, [order, "x", "99"]) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": Decimal("0.05")}, "size_off_step"), ({"size": Decimal("NaN")}, "size_off_step"),
        ({"price": Decimal("1.001"), "order_type": "limit"}, "price_off_tick"),
        ({"order_type": "limit"}, "price_does_not_fit"),
        ({"order_type": "odd"}, "type_not_supported"),
        ({"order_type": "stop_market"}, "trigger_does_not_fit"),
        ({"market_index": 9}, "market_closed"),
        ({"post_only": True}, "post_only_does_not_fit"), ({"expires_at": START}, "expired_already"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_order_is_refused_and_leaves_no_trace(changes, code):
    table = Table()
    before = deepcopy(table.book)
    with pytest.raises(Refused, match=code):
        table.order(**changes)
    assert table.book == before


def test_the_documented_numbers_are_those_of_the_code():
    assert (Decimal("0.0002"), Decimal("0.001")) == (pricing.HALF_SPREAD, pricing.IMPACT)
    assert (250_000, Decimal("0.0000125")) == (pricing.DEPTH, pricing.FUNDING_RATE)
    assert (Decimal("0.0005"), Decimal("0.0001")) == (pricing.TAKER_FEE, pricing.MAKER_FEE)
    assert Decimal("0.01") == pricing.LIQUIDATION_FEE
