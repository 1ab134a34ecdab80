"""What a cut log hides is read off the account: the sums agree again, and nothing counts twice."""

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.trading.books import Books, entry, fill, placed, position_state, resting, transaction

_STEP = Decimal("0.000001")


@dataclasses.dataclass
class Truth:
    """What the venue's own account comes to by events, told or not."""

    size: Decimal = Decimal(0)
    quote: Decimal = Decimal(0)
    tokens: Decimal = Decimal(0)

    def take(self, event):
        if hasattr(event, "venue_fill_id"):
            sign = 1 if event.direction == "buy" else -1
            self.size += sign * event.size
            self.quote += -sign * event.quote - event.fee
        elif event.kind == "settlement":
            self.quote -= event.amount
            self.tokens += event.amount
        elif event.market_index is None:
            self.tokens += event.amount
        else:
            self.quote += event.amount

    def report(self, *, mark=100):
        side = "long" if self.size >= 0 else "short"
        state = position_state(
            side=side, size=str(abs(self.size)), quote_amount=str(self.quote),
            mark_price=Decimal(mark),
        )  # fmt: skip
        is_there = self.size or self.quote
        return {"positions": (state,) if is_there else (), "tokens": {"USDC": self.tokens}}


def of(*events):
    truth = Truth()
    for event in events:
        truth.take(event)
    return truth


def test_a_hidden_fill_is_derived_with_the_price_that_the_running_sum_says(books):
    seen, unseen = fill(size="1"), fill(size="2", price="103", fee="0.2")
    books.hear(
        transaction(seen, signature="seen"),
        transaction(signature="cut", slot=501, complete=False),
        **of(seen, unseen).report(),
        again=1,
    )

    derived = [row for row in books.fills() if row.origin == "derived"]
    assert [(row.size, row.quote, row.fee, row.tx_hash) for row in derived] == [
        (2, Decimal("206.2"), 0, "cut")
    ]
    assert books.positions()[0].size == 3
    assert books.differences() == {}


def test_the_full_record_found_later_is_not_counted_beside_the_derived_row(books):
    seen, unseen = fill(size="1"), fill(size="2", price="103", fee="0.2")
    cut = transaction(signature="cut", slot=501, complete=False)
    state = of(seen, unseen).report()
    books.hear(transaction(seen, signature="seen"), cut, **state)
    before = books.everything()

    whole = dataclasses.replace(cut, complete=True, events=(unseen,))
    books.hear(transaction(seen, signature="seen"), whole, **state, again=2)

    assert books.everything() == before
    assert books.differences() == {}


def test_a_cut_log_that_hid_nothing_adds_nothing(books):
    seen = fill()
    books.hear(transaction(seen, complete=False), **of(seen).report())

    assert len(books.fills()) == 1
    assert books.entries() == []
    assert books.read(books.account).state["cut"] == []


@pytest.mark.parametrize("complete", [True, False])
def test_without_a_cut_log_or_while_a_fork_may_take_it_back_nothing_is_derived(books, complete):
    seen, unseen = fill(), fill(size="2")
    books.hear(
        transaction(seen),
        transaction(slot=501, complete=complete, finalized=False),
        **of(seen, unseen).report(),
    )

    assert len(books.fills()) == 1
    assert books.entries() == []
    assert set(books.differences()) == {"size SOL-PERP", "perp SOL-PERP"}


def test_a_look_from_before_the_cut_message_derives_nothing_and_the_next_does(books):
    unseen = fill(size="2")
    history = (transaction(signature="cut", slot=1500, complete=False),)
    books.hear(*history, slot=1400, **Truth().report())
    assert books.fills() == []

    books.hear(*history, slot=1600, **of(unseen).report())
    assert [row.origin for row in books.fills()] == ["derived"]
    assert books.differences() == {}


def test_our_order_is_filled_by_the_fill_that_it_alone_can_have_had(books):
    order, signature = books.order(size="2")
    told = transaction(placed(size="2"), signature=signature)
    books.hear(told, orders=(resting(size="2"),))
    books.hear(
        told, transaction(signature="cut", slot=501, complete=False),
        **of(fill(size="2")).report(),
    )  # fmt: skip

    order = books.read(order)
    assert (order.status, order.filled_size) == ("filled", 2)
    assert books.intent(order) == "executed"
    assert [row.order_id for row in books.fills()] == [order.id]


_EVENTS = st.one_of(
    st.tuples(
        st.just("fill"),
        st.sampled_from(["buy", "sell"]),
        st.sampled_from(["0.3", "1", "1.7"]),
        st.integers(60_000_001, 140_000_003),
    ),
    st.tuples(
        st.sampled_from(["funding", "keeper_charge", "settlement", "deposit", "liquidation"]),
        st.integers(-90_000_001, 90_000_001).filter(bool),
    ),
)


@given(st.lists(st.tuples(_EVENTS, st.booleans()), min_size=1, max_size=7))
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_hidden_both_sums_and_the_size_agree_to_the_unit(venue, market, events):
    venue.reset()
    books = Books(venue, market)
    made = [(_event(number, *event), hidden) for number, (event, hidden) in enumerate(events)]
    truth = of(*(event for event, _ in made))
    seen = [transaction(event, slot=500 + n) for n, (event, gone) in enumerate(made) if not gone]
    cut = transaction(signature=f"cut {books.address}", slot=600, complete=False)

    books.hear(*seen, cut, **truth.report())

    assert books.differences() == {}
    held = books.positions(status="open")
    size = sum((p.size if p.side == "long" else -p.size for p in held), Decimal(0))
    assert size == truth.size
    tokens = sum((e.amount for e in books.entries() if e.is_of_token), Decimal(0))
    assert abs(tokens - truth.tokens) <= _STEP * len(made)
    before = books.everything()

    hidden = tuple(event for event, gone in made if gone)
    books.forget_cursor()
    books.hear(*seen, dataclasses.replace(cut, complete=True, events=hidden), **truth.report())

    assert books.everything() == before


def _event(number, kind, *what):
    if kind == "fill":
        direction, size, units = what
        return fill(direction=direction, size=size, price=Decimal(units) / 10**6, fee="0.05",
                    quote=str((Decimal(size) * units / 10**6).quantize(_STEP)))  # fmt: skip
    amount = Decimal(what[0]) / 10**6
    market = None if kind == "deposit" else 0
    return entry(kind, amount, market=market, index=10 + number)
