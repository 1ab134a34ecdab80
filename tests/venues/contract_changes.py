"""What every venue keeps of changing orders: untouched, part-filled, gone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.sandbox.solana_calls import wait_for
from tests.venues.contract_orders import position_size, waiting_request
from trading.venues.base import VenueCapability
from trading.venues.reports import OrderEnded, OrderPlaced, OrderReplaced


def resting(bench, **changes):
    """One limit order to buy 2 far below the price, as the account shows it."""
    named = {"order_type": "limit", "price": Decimal(140), "expires_at": None}
    assert bench.place(bench.order_request("buy", "2", **named | changes)) is None
    (order,) = bench.report().orders
    return order


def part_filled(bench):
    """A limit order to buy 2 that met a seller of a part, then the price rose away from it."""
    bench.sandbox.set_fault("keeper_partial", part=40)
    request = bench.order_request("buy", "2", price=bench.price(), expires_at=None)
    assert bench.place(request) is None
    wait_for(lambda: bench.fills())
    (order,) = bench.report().orders
    return order


def test_a_changed_order_is_another_under_the_same_label(bench):
    bench.set_price(150)
    bench.deposit("1000")
    before = resting(bench)
    expires_at = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    assert bench.modify(before, price=Decimal(139), size=Decimal(3), expires_at=expires_at) is None
    (after,) = bench.report().orders
    assert (after.label, after.direction, after.order_type) == (before.label, "buy", "limit")
    assert (after.price, after.size, after.filled_size) == (139, 3, 0)
    assert after.expires_at == expires_at
    assert after.venue_order_id != before.venue_order_id
    assert bench.events(OrderEnded) == []
    (placed,) = bench.events(OrderPlaced)
    assert placed.order.venue_order_id == before.venue_order_id
    (replaced,) = bench.events(OrderReplaced)
    assert replaced.old_venue_order_id == before.venue_order_id
    assert replaced.order == after


def test_a_change_of_the_price_alone_leaves_all_else(bench):
    bench.set_price(150)
    bench.deposit("1000")
    before = resting(bench, post_only=True)
    assert bench.modify(before, price=Decimal(141)) is None
    (after,) = bench.report().orders
    assert (after.price, after.size, after.expires_at) == (141, 2, None)
    assert after.post_only


def test_a_stops_trigger_can_be_moved(bench):
    bench.set_price(150)
    bench.deposit("1000")
    stop = waiting_request(bench, "stop_market", "sell", "0.9", None, reduce_only=True)
    assert bench.place(stop) is None
    (before,) = bench.report().orders
    assert bench.modify(before, trigger_price=Decimal(130)) is None
    (after,) = bench.report().orders
    assert (after.order_type, after.trigger_price) == ("stop_market", 130)
    assert after.reduce_only


def test_an_order_that_is_gone_cannot_be_changed(bench):
    bench.set_price(150)
    bench.deposit("1000")
    order = resting(bench)
    assert bench.cancel(order) is None
    before = len(bench.history())
    assert bench.modify(order, price=Decimal(139)) == "venue.order_gone"
    assert bench.report().orders == ()
    assert len(bench.history()) == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "order.nothing_to_change"),
        ({"size": Decimal(0)}, "order.cannot_be_changed"),
        ({"trigger_price": Decimal(130)}, "order.trigger_does_not_fit"),
        ({"oracle_offset": Decimal(-1)}, "order.oracle_offset_not_supported"),
    ],
)
def test_a_change_that_does_not_fit_the_order_is_refused(bench, changes, code):
    bench.set_price(150)
    bench.deposit("1000")
    order = resting(bench)
    assert bench.modify(order, **changes) == code
    assert bench.report().orders == (order,)


def test_the_size_of_a_change_is_what_remains_to_be_filled(bench):
    bench.set_price(150)
    bench.deposit("1000")
    before = part_filled(bench)
    filled = position_size(bench)
    assert 0 < filled < 2
    assert before.filled_size == filled
    bench.sandbox.set_fault("keeper_off")
    if before.order_type == "market":
        assert bench.modify(before, price=Decimal(140)) == "order.cannot_be_changed"


def test_a_change_of_an_offset_moves_the_order_where_there_are_such(bench):
    if VenueCapability.ORACLE_OFFSET not in bench.venue.capabilities:
        return
    bench.set_price(150)
    bench.deposit("1000")
    before = resting(bench, price=None, oracle_offset=Decimal(-10))
    assert before.oracle_offset == -10
    assert bench.modify(before, oracle_offset=Decimal(-9)) is None
    (after,) = bench.report().orders
    assert (after.oracle_offset, after.price, after.size) == (-9, None, 2)
    assert bench.modify(after, price=Decimal(140)) == "order.price_does_not_fit"
