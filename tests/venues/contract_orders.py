"""What every venue keeps of orders: each type placed, triggered, filled, cancelled, expired.

Nothing here speaks of a chain: a case says what the account, its events and its quotes show.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.sandbox.solana_calls import wait_for
from trading.venues.base import VenueCapability
from trading.venues.reports import OrderPlaced

# (type, direction, trigger and limit as parts of the price that was): none of them triggers yet.
WAITING = [
    ("stop_market", "sell", "0.9", None),
    ("stop_limit", "sell", "0.9", "0.89"),
    ("take_profit_market", "sell", "1.1", None),
    ("take_profit_limit", "sell", "1.1", "1.09"),
    ("stop_market", "buy", "1.1", None),
    ("stop_limit", "buy", "1.1", "1.11"),
    ("take_profit_market", "buy", "0.9", None),
    ("take_profit_limit", "buy", "0.9", "0.91"),
]


def waiting_request(bench, kind, direction, trigger, limit, **changes):
    """A trigger order at parts of a price of 150."""
    return bench.order_request(
        direction,
        changes.pop("size", "1"),
        order_type=kind,
        trigger_price=Decimal(150) * Decimal(trigger),
        price=None if limit is None else Decimal(150) * Decimal(limit),
        expires_at=None,
        **changes,
    )


def position_size(bench) -> Decimal:
    """Signed; zero where there is none."""
    for position in bench.report().positions:
        if position.market_index == 0:
            return position.size if position.side == "long" else -position.size
    return Decimal(0)


@pytest.mark.parametrize(("kind", "direction", "trigger", "limit"), WAITING)
def test_a_trigger_order_rests_as_what_it_is(bench, kind, direction, trigger, limit):
    bench.set_price(150)
    bench.deposit("1000")
    request = waiting_request(bench, kind, direction, trigger, limit)
    assert bench.place(request) is None
    (order,) = bench.report().orders
    assert (order.order_type, order.direction, order.size) == (kind, direction, 1)
    assert (order.price, order.label, order.expires_at) == (request.price, request.label, None)
    assert order.reduce_only is False
    (placed,) = bench.events(OrderPlaced)
    assert placed.order == order
    assert bench.fills() == []


def test_entry_stop_and_target_are_placed_by_one_act(bench):
    bench.set_price(150)
    bench.deposit("1000")
    entry = bench.order_request("buy", "1", order_type="limit", price=Decimal(140))
    stop = waiting_request(bench, "stop_market", "sell", "0.8", None, reduce_only=True)
    target = waiting_request(bench, "take_profit_limit", "sell", "1.2", "1.19", reduce_only=True)
    assert bench.place(entry, stop, target) is None
    orders = {order.label: order for order in bench.report().orders}
    assert {label: order.order_type for label, order in orders.items()} == {
        entry.label: "limit",
        stop.label: "stop_market",
        target.label: "take_profit_limit",
    }
    assert [orders[each.label].reduce_only for each in (entry, stop, target)] == [False, True, True]


def test_of_several_orders_all_are_placed_or_none(bench):
    bench.set_price(150)
    bench.deposit("100")
    stop = waiting_request(bench, "stop_market", "sell", "0.8", None, reduce_only=True)
    entry = bench.order_request("buy", "100", order_type="limit", price=Decimal(150))
    assert bench.place(entry, stop) == "venue.insufficient_collateral"
    assert bench.report().orders == ()


def test_an_immediate_order_fills_at_once_and_leaves_nothing(bench):
    bench.set_price(150)
    bench.deposit("1000")
    request = bench.order_request("buy", "2", immediate_or_cancel=True)
    assert bench.place(request) is None
    report = bench.report()
    assert report.orders == ()
    assert [(position.side, position.size) for position in report.positions] == [("long", 2)]
    assert all(fill.quote <= fill.size * request.price for fill in bench.fills())


def test_an_immediate_order_that_finds_nothing_has_no_effect(bench):
    bench.set_price(150)
    bench.deposit("1000")
    request = bench.order_request(
        "buy", "1", order_type="limit", price=Decimal(140), immediate_or_cancel=True
    )
    assert bench.place(request) is None
    assert bench.report().orders == ()
    assert position_size(bench) == 0
    assert bench.fills() == []


CONTRADICTIONS = {
    "a stop without a trigger": {"order_type": "stop_market"},
    "a limit order with a trigger": {
        "order_type": "limit",
        "price": Decimal(140),
        "trigger_price": Decimal(130),
    },
    "a stop-limit order without a price": {
        "order_type": "stop_limit",
        "trigger_price": Decimal(130),
    },
    "a stop at the market with a price": {
        "order_type": "stop_market",
        "trigger_price": Decimal(130),
        "price": Decimal(130),
    },
    "a market order that only makes": {"post_only": True, "price": Decimal(150)},
    "one that is immediate and only makes": {
        "order_type": "limit",
        "price": Decimal(140),
        "post_only": True,
        "immediate_or_cancel": True,
    },
    "an immediate stop": {
        "order_type": "stop_market",
        "trigger_price": Decimal(130),
        "immediate_or_cancel": True,
    },
    "a limit order without a price": {"order_type": "limit"},
    "an unknown type": {"order_type": "iceberg", "price": Decimal(150)},
}


@pytest.mark.parametrize("changes", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_contradicts_itself_is_refused_before_anything_is_sent(bench, changes):
    bench.deposit("1000")
    before = bench.report()
    assert bench.place(bench.order_request("buy", "1", **changes)).startswith("order.")
    assert replace(bench.report(), slot=0, observed_at=0) == replace(before, slot=0, observed_at=0)


def test_an_order_at_an_offset_from_the_price_rests_where_there_are_such(bench):
    bench.set_price(150)
    bench.deposit("1000")
    request = bench.order_request(
        "buy",
        "1",
        order_type="limit",
        oracle_offset=Decimal("-1.5"),
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )
    answer = bench.place(request)
    if VenueCapability.ORACLE_OFFSET not in bench.venue.capabilities:
        assert answer == "order.oracle_offset_not_supported"
        assert bench.report().orders == ()
        return
    (order,) = bench.report().orders
    assert (order.order_type, order.price) == ("limit", None)
    bench.set_price("149.5")
    wait_for(lambda: not bench.report().orders or bench.fills() == [])
