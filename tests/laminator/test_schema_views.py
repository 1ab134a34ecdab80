"""What the views say: sums that do not multiply, averages of fills, changes that count."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from core.context import acting_in
from core.roles import as_sync
from drift.models import DriftOrder, DriftPosition
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_portfolio_counts_each_balance_and_each_position_once(owner_sql):
    trader = factories.user(telegram_username="eva")
    wallets = [factories.wallet(trader), factories.wallet(trader)]
    for wallet in wallets:
        factories.balance(wallet, "100", "USDC")
        factories.balance(wallet, "2", "SOL")
    for pnl in ("5", "-2", "0.5"):
        factories.drift_position(wallet=wallets[0], unrealized_pnl=Decimal(pnl))
    factories.position(wallet=wallets[0], deployment="jupiter", unrealized_pnl=Decimal(10))
    factories.position(wallet=wallets[0], deployment="paper", unrealized_pnl=Decimal(999))
    factories.closed_drift_position(wallet=wallets[0], unrealized_pnl=Decimal(999))

    rows = owner_sql.execute(
        "SELECT telegram_username, token_symbol, total_balance, open_positions,"
        " total_unrealized_pnl FROM user_portfolio WHERE user_id = %s ORDER BY token_symbol",
        [trader.pk],
    ).fetchall()

    assert rows == [
        ("eva", "SOL", Decimal(4), 4, Decimal("13.5")),
        ("eva", "USDC", Decimal(200), 4, Decimal("13.5")),
    ]


def test_a_person_with_nothing_has_one_row_of_zeros(owner_sql):
    trader = factories.user()

    rows = owner_sql.execute(
        "SELECT token_symbol, total_balance, open_positions, total_unrealized_pnl"
        " FROM user_portfolio WHERE user_id = %s",
        [trader.pk],
    ).fetchall()

    assert rows == [(None, None, 0, 0)]


def test_a_days_statistics_average_the_fees_of_filled_orders_alone(owner_sql):
    day = {"created_at": datetime(2026, 3, 9, 23, 59, tzinfo=UTC)}
    factories.filled_drift_order(size="2", price="100", fee="0.4", **day)
    factories.filled_drift_order(size="1", price="50", fee="0.2", **day)
    factories.drift_order(total_fees=Decimal(99), **day)
    factories.order(deployment="jupiter", **day)
    factories.order(deployment="paper", status="filled", filled_size=1, avg_fill_price=9999, **day)
    factories.filled_drift_order(created_at=datetime(2026, 3, 10, tzinfo=UTC), fee="7")

    rows = owner_sql.execute(
        "SELECT trading_date, total_orders, filled_orders, total_volume, avg_fees"
        " FROM trading_stats ORDER BY trading_date"
    ).fetchall()

    assert rows == [
        (datetime(2026, 3, 9, tzinfo=UTC), 4, 2, Decimal(250), Decimal("0.3")),
        (datetime(2026, 3, 10, tzinfo=UTC), 1, 1, Decimal(100), Decimal(7)),
    ]


def test_a_day_without_a_filled_order_has_no_average_and_no_volume(owner_sql):
    factories.drift_order()

    assert owner_sql.execute(
        "SELECT total_orders, filled_orders, total_volume, avg_fees FROM trading_stats"
    ).fetchall() == [(1, 0, 0, None)]


@pytest.mark.parametrize("view", ["all_orders", "all_positions"])
def test_rows_of_every_venue_carry_the_catalogues_market(owner_sql, view):
    drift_market, other = factories.drift_market(), factories.market("jupiter")
    if view == "all_orders":
        factories.drift_order(drift_market), factories.order(other, deployment="jupiter")
    else:
        factories.drift_position(drift_market), factories.position(other, deployment="jupiter")

    rows = owner_sql.execute(f"SELECT deployment, market_id FROM {view} ORDER BY 1").fetchall()

    assert rows == [("jupiter", other.pk), ("velocity", drift_market.catalogue_id)]


def test_all_transactions_have_one_row_each(owner_sql):
    factories.transaction(tx_hash="a")
    factories.drift_transaction(tx_hash="b")

    assert owner_sql.execute(
        "SELECT tx_hash, source FROM all_transactions ORDER BY 1"
    ).fetchall() == [("a", "transactions"), ("b", "drift_transactions")]


def test_the_history_of_an_order_shows_each_change_and_who_made_it(owner_sql):
    actor = factories.user()
    with acting_in(channel="telegram", actor_id=actor.pk, trace_id="trace"):
        row = factories.drift_order()
        with as_sync():
            DriftOrder.objects.filter(pk=row.pk).update(status="open")
            DriftOrder.objects.filter(pk=row.pk).update(
                updated_at=timezone.now(), metadata={"a": 1}
            )
            DriftOrder.objects.filter(pk=row.pk).update(filled_size=Decimal("0.5"))

    rows = owner_sql.execute(
        "SELECT change, status, filled_size, changed_by->>'channel', changed_by->>'actor',"
        " changed_by->>'trace' FROM order_history WHERE order_id = %s"
        " ORDER BY changed_at, change_id",
        [row.pk],
    ).fetchall()

    told = ("telegram", str(actor.pk), "trace")
    assert rows == [
        ("insert", "pending", 0, *told),
        ("update", "open", 0, *told),
        ("update", "open", Decimal("0.5"), *told),
    ]


def test_the_history_of_a_position_leaves_out_new_prices(owner_sql):
    row = factories.drift_position()
    with as_sync():
        rows = DriftPosition.objects.filter(pk=row.pk)
        rows.update(mark_price=101, unrealized_pnl=1, liquidation_price=50, last_price=101)
        rows.update(size=2, entry_price=Decimal("100.5"))
        rows.update(mark_price=99, unrealized_pnl=-3)
        rows.update(realized_pnl=5, status="closed", size=0)

    changes = owner_sql.execute(
        "SELECT change, size, status, realized_pnl FROM position_history"
        " WHERE position_id = %s ORDER BY changed_at, change_id",
        [row.pk],
    ).fetchall()

    assert changes == [
        ("insert", 1, "open", 0),
        ("update", 2, "open", 0),
        ("update", 0, "closed", 5),
    ]


def test_histories_cover_the_generic_tables_and_wallets_too(owner_sql):
    wallet = factories.wallet()
    order = factories.order(wallet=wallet)
    position = factories.position(wallet=wallet)
    owner_sql.execute("UPDATE orders SET status = 'open'")
    owner_sql.execute("UPDATE positions SET current_price = 5, unrealized_pnl = -5")
    owner_sql.execute("UPDATE wallets SET status = 'suspended'")
    owner_sql.execute("UPDATE wallets SET last_synced_at = now()")

    def changes(view, column, key):
        query = f"SELECT change FROM {view} WHERE {column} = %s ORDER BY changed_at, change_id"
        return [label for (label,) in owner_sql.execute(query, [key])]

    assert changes("order_history", "order_id", order.pk) == ["insert", "update"]
    assert changes("position_history", "position_id", position.pk) == ["insert"]
    assert changes("wallet_history", "wallet_id", wallet.pk) == ["insert", "update"]


def test_the_trade_history_names_the_market_of_each_fill(owner_sql):
    market = factories.market(symbol="SOL-PERP")
    factories.fill(market, fee=Decimal("-0.01"))

    assert owner_sql.execute(
        "SELECT symbol, size, price, fee, is_maker FROM trade_history"
    ).fetchall() == [("SOL-PERP", 1, 100, Decimal("-0.01"), False)]
