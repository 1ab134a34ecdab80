"""What happens on paper is booked by the same code as everything else, into the generic tables."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.roles import as_sync, as_user
from core.uuid7 import uuid7
from tests import factories
from tests.venues.paper_bench import START, PaperBench, open_markets, tell_prices
from trading.models import (
    AccountEntry,
    Difference,
    Fill,
    Order,
    PaperEvent,
    PaperMarket,
    Position,
    Transaction,
)
from trading.paper.matching import hour_of
from trading.services import list_positions, mirror_paper_markets, reset_paper, set_paper_mode


@pytest.fixture
def bench(db, redis_server):
    open_markets()
    tell_prices(SOL=150, BTC=60_000)
    return PaperBench()


def placed(bench, direction="buy", size="1", **changes):
    """An order as the desk places it: accepted, and its row written, in one transaction."""
    request = bench.order_request(direction, size, **changes)
    with as_user(bench.user_id):
        taken = bench.venue.accept_orders([request], now=datetime.now(UTC))
        order = Order(
            id=uuid7(),
            user_id=bench.user_id,
            wallet_id=bench.wallet.pk,
            market=PaperMarket.objects.get(market_index=request.market_index).catalogue,
            market_index=request.market_index,
            account_address=bench.account,
            deployment="paper",
            order_type=request.order_type,
            side="long" if direction == "buy" else "short",
            direction=direction,
            size=request.size,
            price=request.price,
            venue_label=request.label,
            venue_order_id=taken.venue_order_ids[0],
        )
        order.save(force_insert=True)
    return order


def stored(row):
    with as_sync():
        return type(row)._default_manager.get(pk=row.pk)


def differences():
    with as_sync():
        return list(Difference.objects.filter(resolved_at__isnull=True))


def test_an_order_is_pending_then_open_then_filled_and_its_position_is_booked(bench):
    order = placed(bench)
    assert stored(order).status == "pending"
    bench.reconcile()
    assert stored(order).status == "open"
    bench.tick()
    account = bench.reconcile()
    order = stored(order)
    assert (order.status, order.filled_size, order.total_fees) == ("filled", 1, Decimal("0.075016"))
    with as_sync():
        fill, position = Fill.objects.get(), Position.objects.get()
        acts = list(Transaction.objects.values_list("deployment", "tx_type", "status"))
    assert (fill.deployment, fill.origin, fill.order_id) == ("paper", "ours", order.pk)
    assert (position.side, position.size, position.venue_ref) == ("long", 1, "")
    assert position.entry_price == Decimal("150.0301")
    assert acts == [("paper", "trade", "confirmed")]
    assert account.collateral == START - Decimal("0.075016") - Decimal("0.0301")
    assert differences() == []


def test_a_close_is_settled_and_both_sums_hold_also_when_all_is_read_again(bench):
    placed(bench, "buy", "2")
    bench.tick()
    placed(bench, "sell", "3")
    bench.tick(SOL=160)
    bench.reconcile()
    placed(bench, "buy", "1")
    bench.tick(SOL=155)
    for _ in range(2):
        bench.reconcile(from_the_start=True)
    assert differences() == []
    with as_sync():
        gains = sum(Position.objects.values_list("realized_pnl", flat=True))
        assert set(Position.objects.values_list("status", flat=True)) == {"closed"}
        assert Fill.objects.count() == 3
        settled = AccountEntry.objects.get(kind="settlement").amount
    assert settled == gains
    assert bench.report().tokens["pUSD"] == START + gains


def test_funding_and_a_liquidation_are_rows_and_leave_no_debt(bench):
    placed(bench, "buy", "1200", expires_at=None)
    bench.tick()
    hour = datetime.now(UTC) + timedelta(hours=2)
    tell_prices(at=hour, SOL=150)
    bench.tick(now=hour)
    bench.tick(now=hour + timedelta(seconds=1), SOL=140)
    bench.reconcile()
    with as_sync():
        kinds = list(AccountEntry.objects.order_by("id").values_list("kind", "amount"))
        fills = list(Fill.objects.order_by("id").values_list("origin", "direction", "size"))
    assert [kind for kind, _ in kinds][:2] == ["deposit", "funding"]
    hours = hour_of(hour) - hour_of(datetime.now(UTC))
    assert kinds[1][1] == -Decimal(1200 * 150) * Decimal("0.0000125") * hours
    assert fills == [("ours", "buy", 1200), ("external", "sell", 1200)]
    report = bench.report()
    assert (report.positions, report.tokens["pUSD"] >= 0) == ((), True)
    assert differences() == []


def test_a_reset_begins_anew_and_keeps_what_was(bench):
    order = placed(bench, "buy", "2")
    bench.tick()
    resting = placed(bench, "buy", "1", order_type="limit", price=Decimal(100))
    tell_prices(SOL=100)
    facts = reset_paper(user_id=bench.user_id, now=datetime.now(UTC))
    assert (facts.is_on, facts.balance) == (True, START)
    bench.reconcile()
    assert stored(order).status == "filled"
    assert (stored(resting).status, stored(resting).status_reason) == (
        "cancelled",
        "venue.paper_reset",
    )
    assert bench.report().tokens == {"pUSD": START}
    assert list_positions(user_id=bench.user_id) == ()
    assert len(list_positions(user_id=bench.user_id, open_only=False)) == 1
    assert differences() == []


def test_paper_is_in_no_sum_of_money_and_tagged_in_every_list(bench, owner_sql):
    placed(bench)
    bench.tick()
    bench.reconcile()
    assert owner_sql.execute("SELECT deployment FROM all_orders").fetchall() == [("paper",)]
    assert owner_sql.execute("SELECT deployment FROM all_positions").fetchall() == [("paper",)]
    assert owner_sql.execute("SELECT deployment FROM all_transactions").fetchall() == [("paper",)]
    assert owner_sql.execute("SELECT * FROM trading_stats").fetchall() == []
    assert owner_sql.execute("SELECT open_positions FROM user_portfolio").fetchall() == [(0,)]


def test_markets_follow_the_venues_and_are_closed_with_them(bench):
    with as_sync():
        market = PaperMarket.objects.get(market_index=0)
        source = factories.DriftMarket.objects.get(symbol=market.symbol)
        source.status, source.tick_size = "inactive", Decimal("0.01")
        source.save()
    assert (market.dex_name, market.catalogue_id) == ("Paper", market.id)
    assert (market.initial_ratio, market.maintenance_ratio) == (Decimal("0.05"), Decimal("0.03"))
    mirror_paper_markets(now=datetime.now(UTC))
    with as_sync():
        market = PaperMarket.objects.get(market_index=0)
    assert (market.status, market.tick_size) == ("inactive", Decimal("0.01"))


def test_the_switch_is_a_setting_and_leaves_the_account_as_it_is(bench):
    bench.trade("buy", "1")
    off = set_paper_mode(user_id=bench.user_id, is_on=False, now=datetime.now(UTC))
    assert not off.is_on
    assert len(bench.report().positions) == 1
    with as_sync():
        assert PaperEvent.objects.filter(account__wallet=bench.wallet).count() == 3
