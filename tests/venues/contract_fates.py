"""What every venue keeps of what becomes of orders: fired, expired, filled in part, without effect.

And of what it refuses, and why: a withdrawal over the day's limit, or at a price that is not to be
trusted.
"""

import base64
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Decimal

import pytest
from solders.pubkey import Pubkey

from core.money import round_to
from tests.sandbox.solana_calls import wait_for
from tests.venues.bench import STANDINS
from tests.venues.contract import assert_identities
from tests.venues.contract_orders import position_size
from trading.enums import EntryKind
from trading.venues.reports import OrderEnded

TICK = Decimal("0.0001")


def guarded(bench, kind, trigger, limit=None, **changes):
    """A position of 2, and an order that is to close it once the price is there."""
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "2")
    request = bench.order_request(
        "sell",
        "2",
        order_type=kind,
        trigger_price=Decimal(trigger),
        price=None if limit is None else Decimal(limit),
        **{"expires_at": None, "reduce_only": True} | changes,
    )
    assert bench.place(request) is None
    (order,) = bench.report().orders
    return order


def price_of_a_part(bench, size="60"):
    """What so many cost on average: the curve rises with each, and is there before that."""
    quote = bench.venue.quote(bench.order_request("buy", size), slippage=Decimal(1))
    return round_to(quote.expected_price, TICK, ROUND_UP)


def fills_of(bench, order):
    return [fill for fill in bench.fills() if fill.venue_order_id == order.venue_order_id]


@pytest.mark.parametrize(
    ("kind", "trigger", "limit", "price"),
    [
        ("stop_market", "147", None, "146"),
        ("stop_limit", "147", "144", "146"),
        ("take_profit_market", "153", None, "154"),
        ("take_profit_limit", "153", "152", "154"),
    ],
)
def test_a_stop_or_target_fires_once_the_price_is_there_and_closes_the_position(
    bench, kind, trigger, limit, price
):
    order = guarded(bench, kind, trigger, limit)
    bench.sandbox.advance(30)
    assert fills_of(bench, order) == []
    bench.set_price(price)
    wait_for(lambda: position_size(bench) == 0)
    wait_for(lambda: bench.report().orders == ())
    fills = fills_of(bench, order)
    assert sum(fill.size for fill in fills) == 2
    assert all(fill.direction == "sell" for fill in fills)
    if limit is not None:
        assert all(fill.quote >= fill.size * Decimal(limit) for fill in fills)
    assert_identities(bench)


def test_a_stop_that_opens_fires_into_a_position(bench):
    bench.set_price(150)
    bench.deposit("1000")
    request = bench.order_request(
        "buy", "2", order_type="stop_market", trigger_price=Decimal(153), expires_at=None
    )
    assert bench.place(request) is None
    assert position_size(bench) == 0
    bench.set_price("153.5")
    wait_for(lambda: position_size(bench) == 2)
    assert_identities(bench)


def test_a_stop_outlives_its_time_at_the_venue_until_it_is_cancelled(bench):
    """Keepers clean up what has expired, but never an order that still waits for its trigger."""
    expires_at = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    order = guarded(bench, "stop_market", "120", expires_at=expires_at)
    wait_for(lambda: datetime.now(UTC) > expires_at + timedelta(seconds=2))
    bench.sandbox.advance(60)
    (still,) = bench.report().orders
    assert (still.venue_order_id, still.expires_at) == (order.venue_order_id, expires_at)
    assert bench.cancel(still) is None
    assert bench.report().orders == ()
    assert position_size(bench) == 2
    assert_identities(bench)


def test_an_immediate_order_that_finds_a_part_takes_it_and_leaves_nothing(bench):
    bench.set_price(150)
    bench.deposit("1000")
    price = price_of_a_part(bench)
    request = bench.order_request(
        "buy", "60", order_type="limit", price=price, immediate_or_cancel=True
    )
    assert bench.place(request) is None
    report = bench.report()
    assert report.orders == ()
    held = position_size(bench)
    assert 0 < held < 60
    assert sum(fill.size for fill in bench.fills()) == held
    assert all(fill.quote <= fill.size * price for fill in bench.fills())
    (ended,) = bench.events(OrderEnded)
    assert ended.reason == "cancelled"
    assert_identities(bench)


def test_an_order_that_only_makes_and_would_cross_is_not_taken(bench):
    bench.set_price(150)
    bench.deposit("1000")
    before = len(bench.history())
    request = bench.order_request(
        "buy", "1", order_type="limit", price=Decimal(155), post_only=True, expires_at=None
    )
    assert bench.place(request) == "venue.would_cross"
    assert bench.report().orders == ()
    assert bench.report().counters["next_order_id"] == "1"
    assert (position_size(bench), bench.fills()) == (0, [])
    assert len(bench.history()) == before


def test_a_reduce_only_order_without_a_position_does_nothing(bench):
    bench.set_price(150)
    bench.deposit("1000")
    request = bench.order_request("sell", "1", reduce_only=True, immediate_or_cancel=True)
    bench.place(request)
    wait_for(lambda: bench.report().orders == ())
    assert (position_size(bench), bench.fills()) == (0, [])
    assert_identities(bench)


def test_a_reduce_only_order_above_the_position_closes_it_and_ends(bench):
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "2")
    assert bench.place(bench.order_request("sell", "5", reduce_only=True)) is None
    wait_for(lambda: position_size(bench) == 0)
    wait_for(lambda: bench.report().orders == ())
    assert sum(fill.size for fill in bench.fills() if fill.direction == "sell") == 2
    assert_identities(bench)


def test_a_reduce_only_order_never_adds_to_a_position(bench):
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "2")
    request = bench.order_request("buy", "1", reduce_only=True, immediate_or_cancel=True)
    bench.place(request)
    wait_for(lambda: bench.report().orders == ())
    assert position_size(bench) == 2
    assert_identities(bench)


def test_an_order_that_filled_in_part_keeps_its_remainder_through_a_change(bench):
    bench.set_price(150)
    bench.deposit("1000")
    # The curve follows the oracle again, and keepers come back: a little each time.
    price = price_of_a_part(bench, "10")
    request = bench.order_request("buy", "60", order_type="limit", price=price, expires_at=None)
    assert bench.place(request) is None
    wait_for(bench.fills)
    bench.sandbox.set_fault("keeper_off")
    # What keepers had sent before is confirmed by now.
    seen = bench.sandbox.rpc("getSlot", {"commitment": "processed"})
    wait_for(lambda: bench.report().slot >= seen)
    held = position_size(bench)
    (before,) = bench.report().orders
    assert before.filled_size == held
    assert bench.modify(before, price=Decimal(140)) is None
    (after,) = bench.report().orders
    assert (after.price, after.size - after.filled_size) == (140, 60 - held)
    # A size is what shall remain to be filled.
    assert bench.modify(after, size=Decimal(3)) is None
    (last,) = bench.report().orders
    assert last.size - last.filled_size == 3
    assert position_size(bench) == held
    assert_identities(bench)


def test_a_taker_order_at_a_stale_price_rests_until_the_price_is_fresh(bench):
    bench.set_price(150)
    bench.deposit("1000")
    request = bench.order_request("buy", "1", expires_at=None)
    with bench.stale_prices():
        assert bench.place(request) is None
        (order,) = bench.report().orders
        assert (order.label, order.filled_size) == (request.label, 0)
        assert (position_size(bench), bench.fills()) == (0, [])
    wait_for(lambda: position_size(bench) == 1)
    assert bench.report().orders == ()
    assert sum(fill.size for fill in fills_of(bench, order)) == 1
    assert_identities(bench)


def test_a_limit_order_past_its_time_ends_as_expired_by_its_owners_next_one(bench):
    """No keeper was there yet, so that it costs nothing; on paper the clock alone ends it."""
    bench.set_price(150)
    bench.deposit("1000")
    bench.stop_keepers()
    expires_at = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    far = {"order_type": "limit", "price": Decimal(100)}
    assert bench.place(bench.order_request("buy", "1", expires_at=expires_at, **far)) is None
    (order,) = bench.report().orders
    assert order.expires_at == expires_at
    bench.pass_until(expires_at + timedelta(seconds=1))
    assert bench.place(bench.order_request("buy", "1", expires_at=None, **far)) is None
    (ended,) = bench.events(OrderEnded)
    assert (ended.venue_order_id, ended.reason) == (order.venue_order_id, "expired")
    (left,) = bench.report().orders
    assert (left.expires_at, left.venue_order_id != order.venue_order_id) == (None, True)
    assert (bench.fills(), bench.entries(EntryKind.KEEPER_CHARGE)) == ([], [])
    assert_identities(bench)


def test_an_account_that_is_being_liquidated_places_nothing_until_it_is_not(bench):
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "40")
    closing = bench.order_request("sell", "1", reduce_only=True)
    adding = bench.order_request("buy", "1", order_type="limit", price=Decimal(100))
    with bench.liquidation(at_price=128):
        report = bench.report()
        if not bench.liquidates_in_steps:
            # All at once: there is no moment in between.
            assert (report.status, position_size(bench)) == ("active", 0)
            return
        assert report.status == "being_liquidated"
        # Not even what would make it safer.
        assert bench.place(closing) == "venue.being_liquidated"
        assert bench.place(adding) == "venue.being_liquidated"
        assert (bench.report().orders, position_size(bench)) == ((), 40)
    assert bench.place(adding) is None
    assert bench.report().status == "active"


def test_an_immediate_order_at_a_stale_price_neither_fills_nor_rests(bench):
    bench.set_price(150)
    bench.deposit("1000")
    plan = bench.venue.plan_orders([bench.order_request("buy", "1", immediate_or_cancel=True)])
    with bench.stale_prices():
        bench.send(plan)
        report = bench.report()
    assert report.orders == ()
    assert (position_size(bench), bench.fills()) == (0, [])
    assert_identities(bench)


def test_a_withdrawal_beside_a_position_is_refused_at_a_stale_price_by_its_code(bench):
    bench.set_price(150)
    bench.deposit("1000")
    bench.trade("buy", "2")
    plan = bench.venue.plan_withdraw(bench.withdraw_request("10"))
    before = bench.held()
    with bench.stale_prices():
        assert bench.send(plan) in ("venue.oracle_invalid", "venue.oracle_stale")
    assert bench.held() == before
    assert bench.entries(EntryKind.WITHDRAWAL) == []
    assert bench.send(bench.venue.plan_withdraw(bench.withdraw_request("10"))) is None
    assert bench.held() == before + 10


@contextmanager
def withdrawals_used_up(bench):
    """More left the quote market today than it lets go: its day began with far more in it."""
    deployment = STANDINS[bench.venue.deployment]
    address = deployment.spot_market(0)

    def write(**numbers):
        options = {"encoding": "base64", "commitment": "processed"}
        account = bench.sandbox.rpc("getAccountInfo", str(address), options)["value"]
        data = bytearray(base64.b64decode(account["data"][0]))
        market = deployment.view("SpotMarket", data, Pubkey.from_string(str(address)))
        before = {name: getattr(market, name) for name in numbers}
        for name, number in numbers.items():
            setattr(market, name, number)
        changed = account | {"data": base64.b64encode(bytes(market.data)).decode()}
        bench.sandbox.rpc("sandbox_setAccount", str(address), changed)
        return before

    before = write(withdraw_guard_threshold=0, deposit_token_twap=10**17)
    try:
        wait_for(lambda: bench.withdrawable().market_limit == 0)
        yield
    finally:
        write(**before)


def test_a_withdrawal_over_the_markets_limit_of_the_day_is_refused_by_its_code(bench):
    bench.set_price(150)
    bench.deposit("1000")
    plan = bench.venue.plan_withdraw(bench.withdraw_request("100"))
    before = bench.held()
    with withdrawals_used_up(bench):
        assert bench.withdrawable().amount == 0
        assert bench.send(plan) == "venue.daily_withdraw_limit"
    assert bench.held() == before
    assert bench.entries(EntryKind.WITHDRAWAL) == []
    assert_identities(bench)
