"""However a history is cut, doubled and told again, the books end the same.

Fills of one account are never told out of their order: its history is read oldest first, without
gaps, and a position's cost depends on that order by nature. Whatever else can happen is tried:
batches that end anywhere, batches that begin again, workers that die in between, account reports
of any age, and within a batch the placing of an order behind its fills.
"""

from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.trading.books import Books, ended, entry, fill, moment, placed, transaction

_ORDER_IDS = st.sampled_from(["1", "2", "3", "", "99"])
_SIZES = st.sampled_from(["0.3", "1", "1.7", "2"])
_FILLS = st.tuples(
    st.just("fill"),
    _ORDER_IDS,
    _SIZES,
    st.sampled_from(["buy", "sell"]),
    st.integers(90_000_001, 110_000_003),
)
_OTHERS = st.tuples(st.sampled_from(["funding", "charge", "end"]), st.sampled_from("123"))
# Where a batch ends, and whether the cursor was lost before it.
_BATCHES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=4)


@given(st.lists(st.one_of(_FILLS, _FILLS, _OTHERS), min_size=2, max_size=9), _BATCHES)
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_telling_of_a_history_ends_in_the_same_books(venue, market, events, batches):
    venue.reset()
    straight, crooked = Books(venue, market), Books(venue, market)
    ours = {
        books.address: [books.order(size="4", label=number) for number in (1, 2, 3)]
        for books in (straight, crooked)
    }
    told = [_event(number, *event) for number, event in enumerate(events)]

    straight.hear(*_history(ours[straight.address], told), slot=5000)
    history = _history(ours[crooked.address], told)
    for end, is_cursor_lost in batches:
        if is_cursor_lost:
            crooked.forget_cursor()
        # The account is older than the messages: its silence says nothing yet.
        crooked.hear(*history[:end], slot=400)
    crooked.forget_cursor()
    crooked.hear(*_doubled(history), slot=5000, again=1)

    assert _alike(crooked, ours) == _alike(straight, ours)


def _event(number, kind, order_id, size="", direction="", units=0):
    at = {"occurred_at": moment(number)}
    if kind == "fill":
        price = Decimal(units) / 10**6
        return fill(order_id, size=size, price=price, direction=direction, fee="0.05", **at)
    if kind == "funding":
        return entry("funding", "-0.4", market=0, **at)
    if kind == "charge":
        return entry("keeper_charge", "-0.01", market=0, venue_order_id=order_id, **at)
    return ended(order_id)


def _history(orders, told):
    history = [
        transaction(placed(str(number), label=number, size="4"), signature=signature)
        for number, (_, signature) in enumerate(orders, start=1)
    ]
    return history + [transaction(event, slot=501 + at) for at, event in enumerate(told)]


def _doubled(history):
    """Each event twice, and the placings told behind all else of the batch."""
    return [
        transaction(*report.events, *report.events, slot=report.slot, signature=report.signature)
        for report in (*history[3:], *history[:3])
    ]


def _alike(books, ours):
    names = {order.id: number for number, (order, _) in enumerate(ours[books.address])}
    found = books.everything()
    return {
        "orders": sorted((names[row[0]], *row[1:]) for row in found["orders"]),
        "intents": sorted((names[row[0]], row[1]) for row in found["intents"]),
        "fills": [(f[0], names.get(f[1]), *f[2:]) for f in found["fills"]],
        "positions": found["positions"],
        "entries": sorted(
            (
                (kind, amount, names.get(order), position)
                for _, kind, amount, order, position in found["entries"]
            ),
            key=repr,
        ),
    }
