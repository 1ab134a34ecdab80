"""The paper book's money under anything at all: both sums, exact, and the same again."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.trading.paper_table import Table, assert_sums, fills
from trading.paper import margin
from trading.paper.taking import take_cancel
from trading.paper.telling import from_json, to_json


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
            else:
                wish.pop("immediate_or_cancel")
            if wish["order_type"] in ("stop_market", "take_profit_market"):
                wish.pop("price")
            size = Decimal(wish["size"])
            if len(table.book.orders) < 32:
                order_id = table.order(**wish)
                price = Decimal(wish["price"]) if "price" in wish else None
                limits[order_id] = (wish["direction"], price, size)
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
        for fill in own if price is not None else ():
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
