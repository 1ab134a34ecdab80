"""The paper book's rules: prices, triggers, margin, funding, and its sums under anything at all."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from trading.enums import EntryKind
from trading.identities import perp_identity, spot_identity
from trading.paper import ledger, margin, pricing
from trading.paper.book import Book, Mark, Terms
from trading.paper.matching import run_step
from trading.paper.taking import take_cancel, take_modify, take_orders
from trading.paper.telling import from_json, to_json
from trading.venues.base import ModifyRequest, OrderRequest
from trading.venues.reports import EntryReport, FillReport, OrderEnded

START = datetime(2026, 11, 2, 10, 0, 1, tzinfo=UTC)
TERMS = {
    index: Terms(
        market_index=index,
        symbol=f"{name}-PERP",
        tick=Decimal(tick),
        step=Decimal(step),
        minimum=Decimal(step),
        initial_ratio=Decimal("0.05"),
        maintenance_ratio=Decimal("0.03"),
        is_open=True,
    )
    for index, (name, tick, step) in enumerate([("SOL", "0.01", "0.1"), ("BTC", "1", "0.001")])
}


class Table:
    """One account, its clock and its prices."""

    def __init__(self, money="10000"):
        self.book = Book(Decimal(0), 0, 1)
        self.now = START
        self.prices = {0: Decimal(100), 1: Decimal(60_000)}
        ledger.transfer(self.book, Decimal(money), self.now)
        self.told = []
        self.end_step()

    def end_step(self):
        new, self.book.events = self.book.events, []
        if new:
            self.book.sequence += 1
        self.told += new
        return new

    def order(self, direction="buy", size="1", **changes):
        named = {
            "wallet_address": "w", "market_index": 0, "order_type": "market",
            "direction": direction, "size": Decimal(size), "price": None, "reduce_only": False,
            "post_only": False, "label": 1, "expires_at": None,
        }  # fmt: skip
        decimals = ("price", "trigger_price", "oracle_offset")
        changes = {k: Decimal(v) if k in decimals else v for k, v in changes.items()}
        [order_id] = take_orders(self.book, [OrderRequest(**named | changes)], TERMS, self.now)
        self.end_step()
        return order_id

    def tick(self, price=None, *, seconds=1, btc=None):
        self.now += timedelta(seconds=seconds)
        if price is not None:
            self.prices[0] = Decimal(price)
        if btc is not None:
            self.prices[1] = Decimal(btc)
        marks = {index: Mark(price, self.now) for index, price in self.prices.items()}
        run_step(self.book, marks=marks, terms=TERMS, now=self.now)
        return self.end_step()

    def base(self, index=0):
        held = self.book.positions.get(index)
        return held.base if held else 0


def fills(events):
    return [event for event in events if isinstance(event, FillReport)]


def ends(events):
    return [event.why for event in events if isinstance(event, OrderEnded)]


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
    table.end_step()
    assert [fill.size for fill in fills(table.tick())] == [100]
    with pytest.raises(Refused, match="order_not_open"):
        take_modify(table.book, change, TERMS)
    assert take_cancel(table.book, [order, "x", "99"]) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": Decimal("0.05")}, "size_off_step"), ({"size": Decimal("NaN")}, "size_off_step"),
        ({"price": Decimal("1.001"), "order_type": "limit"}, "price_off_tick"),
        ({"order_type": "limit"}, "price_missing"), ({"order_type": "odd"}, "type_unknown"),
        ({"order_type": "stop_market"}, "trigger_missing"), ({"market_index": 9}, "market_closed"),
        ({"post_only": True}, "post_only_needs_limit"), ({"expires_at": START}, "expired_already"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_order_is_refused_and_leaves_no_trace(changes, code):
    table = Table()
    before = deepcopy(table.book)
    with pytest.raises(Refused, match=code):
        table.order(**changes)
    assert table.book == before


def assert_sums(table):
    """Both identities over all that was told, exactly."""
    entries = [event for event in table.told if isinstance(event, EntryReport)]
    for index in TERMS:
        here = [e for e in entries if e.market_index == index]
        held = table.book.positions.get(index)
        told = [f for f in fills(table.told) if f.market_index == index]
        identity = perp_identity(
            market=str(index),
            fills=[(f.direction, f.quote, f.fee) for f in told],
            entries=[e.amount for e in here if e.kind != EntryKind.SETTLEMENT],
            settled=sum((e.amount for e in here if e.kind == EntryKind.SETTLEMENT), Decimal(0)),
            venue_quote=held.quote if held else Decimal(0),
        )
        assert identity.ours == identity.venue
    moved = [e.amount for e in entries if e.kind in ("deposit", "withdrawal", "settlement")]
    spot = spot_identity(
        token="pUSD", movements=moved, venue_amount=table.book.balance, unit=Decimal(0)
    )
    assert spot.holds


class Model:
    """The same market and limit orders worked out anew in fractions, from the documented rules."""

    def __init__(self, money):
        self.money, self.base, self.cost = Fraction(money), Fraction(0), Fraction(0)

    def take(self, *, buys, size, mark):
        sign = 1 if buys else -1
        off = Fraction(2, 10_000) + Fraction(1, 1000) * min(1, size * mark / 250_000)
        ticks = mark * (1 + sign * off) * 100
        price = Fraction(-(-ticks // 1) if buys else ticks // 1, 100)
        quote = Fraction(size * price * 10**6 // 1, 10**6)
        fee = Fraction(-(-quote * 5 * 10**6 // 10_000) // 1, 10**6)
        self.money -= sign * quote + fee
        self.base += sign * size


trades = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(1, 300).map(lambda n: Decimal(n) / 10),
        st.integers(9500, 10500).map(lambda n: Decimal(n) / 100),
    ),
    max_size=25,
)


@given(trades)
def test_money_and_holdings_are_those_of_an_independent_exact_model(steps):
    table, model = Table(money="100000"), Model(100_000)
    for buys, size, price in steps:
        table.order("buy" if buys else "sell", size=str(size))
        table.tick(str(price), seconds=1)
        model.take(buys=buys, size=Fraction(size), mark=Fraction(price))
        mark = Fraction(price)
        assert Fraction(table.base()) == model.base
        worth = margin.equity(table.book, table.prices)
        assert Fraction(worth) == model.money + model.base * mark
    assert_sums(table)


any_order = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(["buy", "sell"]),
        "size": st.integers(1, 20_000).map(lambda n: str(Decimal(n) / 10)),
        "order_type": st.sampled_from(
            ["market", "limit", "stop_market", "take_profit_market", "stop_limit"]
        ),
        "price": st.integers(8000, 12_000).map(lambda n: str(Decimal(n) / 100)),
        "trigger_price": st.integers(8000, 12_000).map(lambda n: str(Decimal(n) / 100)),
        "reduce_only": st.booleans(),
        "immediate_or_cancel": st.booleans(),
    }
)
any_step = st.one_of(
    any_order,
    st.integers(6000, 14_000).map(lambda n: str(Decimal(n) / 100)),
    st.sampled_from(["an hour", "cancel"]),
)


@given(st.lists(any_step, max_size=40))
def test_whatever_happens_both_sums_hold_and_no_order_is_filled_beyond_its_terms(steps):
    table = Table(money="5000")
    limits = {}
    for step in steps:
        if isinstance(step, dict):
            wish = dict(step)
            if wish["order_type"] in ("market", "limit"):
                wish.pop("trigger_price")
            size = Decimal(wish["size"])
            if len(table.book.orders) < 32:
                order_id = table.order(**wish)
                limits[order_id] = (wish["direction"], Decimal(wish["price"]), size)
            continue
        if step == "cancel":
            take_cancel(table.book, [str(number) for number in table.book.orders])
            table.end_step()
            continue
        events = table.tick(seconds=3600) if step == "an hour" else table.tick(step)
        assert [from_json(to_json(event)) for event in events] == events
    assert_sums(table)
    for order_id, (direction, price, size) in limits.items():
        own = [f for f in fills(table.told) if f.venue_order_id == order_id]
        assert sum(f.size for f in own) <= size
        for fill in own:
            assert (
                (fill.quote <= fill.size * price)
                if direction == "buy"
                else (fill.quote >= (fill.size * price).quantize(Decimal("0.000001"), "ROUND_DOWN"))
            )
    if not table.book.positions:
        assert table.book.balance >= 0


@given(st.lists(any_step, max_size=15))
def test_the_same_prices_and_times_give_the_same_events(steps):
    first, second = Table(), Table()
    for table in (first, second):
        for step in steps:
            if isinstance(step, dict):
                wish = {k: v for k, v in step.items() if k != "trigger_price"}
                table.order(**wish | {"order_type": "limit"})
            elif step not in ("an hour", "cancel"):
                table.tick(step)
    assert first.told == second.told


def test_the_documented_numbers_are_those_of_the_code():
    assert (Decimal("0.0002"), Decimal("0.001")) == (pricing.HALF_SPREAD, pricing.IMPACT)
    assert (250_000, Decimal("0.0000125")) == (pricing.DEPTH, pricing.FUNDING_RATE)
    assert (Decimal("0.0005"), Decimal("0.0001")) == (pricing.TAKER_FEE, pricing.MAKER_FEE)
    assert Decimal("0.01") == pricing.LIQUIDATION_FEE
