"""The paper venue keeps the contract of a venue, as far as that is not about a chain."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import Misconfigured, Refused, Unavailable
from tests.venues.contract import assert_identities
from tests.venues.paper_bench import START, PaperBench, open_markets, tell_prices
from trading.enums import EntryKind
from trading.venues.base import accepting, get_venue
from trading.venues.reports import OrderEnded, OrderPlaced

SLIPPAGE = Decimal(1)


@pytest.fixture
def bench(db, redis_server):
    open_markets()
    tell_prices(SOL=150, BTC=60_000)
    return PaperBench()


@pytest.fixture
def newcomer(bench):
    return PaperBench(opened=False)


def test_a_wallet_without_an_account_is_reported_as_absent_with_no_counters(newcomer):
    report = newcomer.report()
    assert (report.exists, report.status, report.counters) == (False, "absent", {})
    assert report.collateral == 0
    assert newcomer.history() == []


def test_opening_gives_the_play_money_of_the_settings_once(newcomer):
    newcomer.open()
    newcomer.open()
    report = newcomer.report()
    assert (report.exists, report.status) == (True, "active")
    assert report.tokens == {"pUSD": START}
    assert report.collateral == report.free_collateral == START
    (entry,) = newcomer.entries(EntryKind.DEPOSIT)
    assert (entry.amount, entry.token_symbol) == (START, "pUSD")
    assert_identities(newcomer)


def test_an_order_opens_a_position_and_a_reduce_only_one_closes_it(bench):
    opened = bench.trade("buy", "2")
    (position,) = bench.report().positions
    assert (position.market_index, position.side, position.size) == (0, "long", 2)
    (placed,) = bench.events(OrderPlaced)
    assert (placed.order.label, placed.order.direction) == (opened.label, "buy")
    assert placed.order.expires_at == opened.expires_at
    fills = bench.fills()
    assert {fill.venue_order_id for fill in fills} == {placed.order.venue_order_id}
    assert all(fill.fee > 0 and not fill.is_maker for fill in fills)
    assert_identities(bench)
    bench.trade("sell", "2", reduce_only=True)
    report = bench.report()
    assert report.positions == ()
    assert report.counters["next_order_id"] == "3"
    assert report.tokens["pUSD"] < START
    assert_identities(bench)


def test_a_short_is_reported_with_its_side_and_its_value(bench):
    bench.trade("sell", "3")
    (position,) = bench.report().positions
    assert (position.side, position.size) == ("short", 3)
    quote = sum(fill.quote for fill in bench.fills())
    assert position.entry_price == (quote / 3).quantize(bench.venue.quote_step, "ROUND_DOWN")
    assert position.unrealized_pnl == quote - 3 * position.mark_price
    assert_identities(bench)


def test_quotes_come_true(bench):
    request = bench.order_request("buy", "400")
    quote = bench.venue.quote(request, slippage=SLIPPAGE)
    assert quote.worst_price <= quote.expected_price * Decimal("1.01")
    assert quote.worst_price % Decimal("0.0001") == 0
    bench.trade("buy", "400")
    report = bench.report()
    assert sum(fill.quote for fill in bench.fills()) == quote.notional
    assert sum(fill.fee for fill in bench.fills()) == quote.fee
    assert report.leverage == quote.leverage_after
    assert report.health == quote.health_after
    (position,) = report.positions
    assert position.margin == quote.initial_margin
    assert position.liquidation_price == quote.liquidation_price


def test_a_quote_of_a_flip_foretells_the_other_side(bench):
    bench.trade("buy", "2")
    quote = bench.venue.quote(bench.order_request("sell", "7"), slippage=SLIPPAGE)
    assert quote.worst_price >= quote.expected_price * Decimal("0.99")
    assert (quote.position_side, quote.position_size) == ("long", 2)
    bench.trade("sell", "7")
    (position,) = bench.report().positions
    assert (position.side, position.size) == ("short", 5)
    assert bench.report().leverage == quote.leverage_after
    assert position.liquidation_price == quote.liquidation_price
    assert_identities(bench)


def test_an_order_beyond_the_collateral_is_seen_in_its_quote_and_never_fills(bench):
    request = bench.order_request("buy", "1500")
    quote = bench.venue.quote(request, slippage=SLIPPAGE)
    assert quote.initial_margin + quote.fee > quote.free_collateral
    bench.accept(request)
    bench.tick()
    (ended,) = bench.events(OrderEnded)
    assert ended.why == "venue.insufficient_collateral"
    assert bench.fills() == []


def test_a_wallet_without_an_account_can_be_quoted_and_is_refused(newcomer):
    quote = newcomer.venue.quote(newcomer.order_request("buy", "1"), slippage=SLIPPAGE)
    assert (quote.collateral, quote.free_collateral) == (0, 0)
    assert quote.initial_margin > 0
    with pytest.raises(Refused, match=r"paper\.no_account"):
        newcomer.place()


def test_a_quote_of_a_close_counts_what_is_held_alone(bench):
    bench.trade("buy", "2")
    request = bench.order_request("sell", "5", reduce_only=True)
    quote = bench.venue.quote(request, slippage=SLIPPAGE)
    assert (quote.initial_margin, quote.leverage_after) == (0, 0)
    assert (quote.position_side, quote.position_size) == ("long", 2)
    assert abs(quote.notional - 2 * quote.expected_price) < Decimal("0.001")


def test_an_order_that_rests_is_in_the_account_until_it_is_cancelled(bench):
    taken = bench.place(order_type="limit", price=Decimal(100))
    bench.tick()
    (order,) = bench.report().orders
    assert (order.order_type, order.price) == ("limit", 100)
    assert (order.venue_order_id,) == taken.venue_order_ids
    assert bench.cancel(order.venue_order_id, "77", "x").venue_order_ids == taken.venue_order_ids
    assert bench.report().orders == ()
    (ended,) = bench.events(OrderEnded)
    assert (ended.venue_order_id, ended.reason) == (order.venue_order_id, "cancelled")
    assert bench.cancel(order.venue_order_id).venue_order_ids == ()
    assert bench.fills() == []


def test_an_expired_order_ends_as_expired_also_without_a_price(bench, redis_server):
    bench.place(expires_at=datetime.now(UTC) + timedelta(seconds=5))
    redis_server.flushdb()
    bench.tick(now=datetime.now(UTC) + timedelta(seconds=4))
    assert len(bench.report().orders) == 1
    bench.tick(now=datetime.now(UTC) + timedelta(seconds=6))
    (ended,) = bench.events(OrderEnded)
    assert ended.reason == "expired"
    assert bench.fills() == []


def test_history_goes_on_after_a_signature_and_is_final(bench):
    first = bench.history()[0].signature
    second = bench.place().signature
    assert [report.signature for report in bench.history()] == [first, second]
    assert [report.signature for report in bench.history(after=first)] == [second]
    assert bench.history(after=second) == []
    assert all(report.finalized and report.complete for report in bench.history())


def test_accounts_are_reported_in_the_order_asked_for(bench, newcomer):
    reports = bench.venue.read_accounts([newcomer.account, bench.account])
    assert [report.address for report in reports] == [newcomer.account, bench.account]
    assert [report.exists for report in reports] == [False, True]


def test_a_read_before_an_event_that_is_not_there_is_unavailable(bench):
    slot = bench.report().slot
    assert len(bench.history(min_slot=slot)) == 1
    with pytest.raises(Unavailable):
        bench.venue.read_accounts([bench.account], min_slot=slot + 1)
    with pytest.raises(Unavailable):
        bench.history(min_slot=slot + 1)


def test_a_stale_price_shows_in_the_quotes_age_and_matches_nothing(bench):
    bench.place("buy", "1", expires_at=None)
    tell_prices(at=datetime.now(UTC) - timedelta(seconds=31), SOL=150, BTC=60_000)
    bench.tick()
    assert bench.fills() == []
    quote = bench.venue.quote(bench.order_request(), slippage=SLIPPAGE)
    assert quote.price_age_seconds > 30
    bench.tick(SOL=150)
    assert len(bench.fills()) == 1


def test_oracle_prices_have_a_slot_and_a_moment(bench):
    price, slot, at = bench.venue.oracle_prices()[0]
    assert (price, slot) == (150, 1)
    assert abs((datetime.now(UTC) - at).total_seconds()) < 30


def test_it_has_no_messages_and_the_others_accept_nothing(bench):
    for act in ("plan_orders", "plan_modify", "plan_cancel", "plan_settle"):
        with pytest.raises(Misconfigured):
            getattr(bench.venue, act)()
    for act in ("plan_deposit", "plan_withdraw", "deposit_cost", "withdrawable"):
        with pytest.raises(Refused, match="no_transfers"):
            getattr(bench.venue, act)()
    with pytest.raises(Misconfigured):
        accepting(get_venue("velocity"))


def test_a_bracket_is_taken_whole_or_not_at_all(bench):
    entry = bench.order_request("buy", "1")
    stop = bench.order_request("sell", "1", order_type="stop_market",
                               trigger_price=Decimal(140), reduce_only=True)  # fmt: skip
    bad = bench.order_request("sell", "1", order_type="take_profit_market", reduce_only=True)
    with pytest.raises(Refused, match="trigger_missing"):
        bench.accept(entry, stop, bad)
    assert len(bench.history()) == 1
    taken = bench.accept(entry, stop)
    assert taken.venue_order_ids == ("1", "2")
    bench.tick()
    bench.tick(SOL="139.5")
    assert bench.report().positions == ()
    assert len(bench.fills()) == 2
    assert_identities(bench)
