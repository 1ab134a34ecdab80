"""What may be there once only, and what goes with what, by plain SQL."""

import psycopg
import pytest
from psycopg import sql

from core.uuid7 import uuid7
from tests import factories, raw_sql

pytestmark = pytest.mark.django_db


# factory, what the copy has of its own, the key that refuses the copy
_TWICE = [
    (factories.user, {}, "users_telegram_id_key"),
    (factories.staff, {}, "users_email_key"),
    (factories.profile, {}, "user_profiles_user_id_key"),
    (factories.setting, {}, "user_settings_key"),
    (factories.intent, {}, "intents_key"),
    (factories.wallet, {"privy_wallet_id": "other"}, "wallets_wallet_address_key"),
    (factories.wallet, {"wallet_address": "1" * 40}, "wallets_privy_wallet_id_key"),
    (factories.balance, {}, "wallet_balances_token"),
    (factories.market, {}, "markets_symbol"),
    (factories.venue_account, {}, "venue_accounts_one"),
    (factories.position, {}, "position_one_open"),
    (factories.drift_position, {}, "driftposition_one_open"),
    (factories.fill, {}, "fills_once"),
    (factories.signed_submission, {}, "submissions_signature_key"),
]


@pytest.mark.parametrize(("make", "columns", "key"), _TWICE)
def test_a_second_one_is_refused(owner_sql, make, columns, key):
    row = make()

    with raw_sql.refused_by(key):
        raw_sql.insert_copy(owner_sql, row, **columns)

    assert raw_sql.count(owner_sql, row._meta.db_table) == 1


_ANOTHER = [
    (factories.setting, {"setting_key": "other"}),
    (factories.intent, {"channel": "rest"}),
    (factories.intent, {"idempotency_key": "other"}),
    (factories.balance, {"token_symbol": "OTHER"}),
    (factories.market, {"dex_name": "drift"}),
    (factories.venue_account, {"sub_account_id": 1}),
    (factories.venue_account, {"deployment": "drift"}),
    (factories.position, {"side": "short"}),
    (factories.position, {"venue_ref": "second"}),
    (factories.position, {"status": "closed"}),
    (factories.drift_position, {"status": "closed"}),
    (factories.drift_position, {"status": "liquidated"}),
    (factories.closed_drift_position, {}),
    (factories.fill, {"account": "the maker's"}),
    (factories.drift_order, {}),
    (factories.order, {}),
]


@pytest.mark.parametrize(("make", "columns"), _ANOTHER)
def test_one_that_differs_where_it_matters_is_taken(owner_sql, make, columns):
    row = make()

    raw_sql.insert_copy(owner_sql, row, **columns)

    assert raw_sql.count(owner_sql, row._meta.db_table) == 2


def test_a_market_of_the_venue_has_its_number_and_its_symbol_to_itself(owner_sql):
    row = factories.drift_market(market_index=0)
    numbered = str(factories.market(symbol="ANY-PERP").pk)

    with raw_sql.refused_by("drift_markets_market_id_key"):
        raw_sql.insert_copy(owner_sql, row, market_index=1, symbol="ANY-PERP")
    with raw_sql.refused_by("drift_markets_one"):
        raw_sql.insert_copy(owner_sql, row, market_id=numbered, symbol="ANY-PERP")
    with raw_sql.refused_by("drift_markets_one_symbol"):
        raw_sql.insert_copy(owner_sql, row, market_id=numbered, market_index=1)

    raw_sql.insert_copy(owner_sql, row, market_id=numbered, deployment="drift")
    spot = str(factories.market("drift", market_type="spot").pk)
    raw_sql.insert_copy(owner_sql, row, market_id=spot, market_type="spot")
    assert raw_sql.count(owner_sql, "drift_markets") == 3


def test_a_closed_position_cannot_open_again_beside_an_open_one(owner_sql):
    row = factories.drift_position()
    closed = raw_sql.insert_copy(owner_sql, row, status="closed")

    with raw_sql.refused_by("driftposition_one_open"):
        owner_sql.execute("UPDATE drift_positions SET status = 'open' WHERE id = %s", [closed])


def test_a_step_of_a_subject_is_carried_by_one_live_submission(owner_sql):
    first = factories.act()
    again = {"submission_id": str(factories.submission().pk)}

    with raw_sql.refused_by("submission_acts_one_live"):
        raw_sql.insert_copy(owner_sql, first, id=first.pk + 1000, **again)
    raw_sql.insert_copy(owner_sql, first, id=first.pk + 1000, step="settle", **again)
    raw_sql.change(owner_sql, first, live=False)
    raw_sql.insert_copy(
        owner_sql, first, id=first.pk + 1001, instruction_index=1, live=True, **again
    )

    assert raw_sql.count(owner_sql, "submission_acts") == 3


def test_an_instruction_of_a_submission_is_one_act(owner_sql):
    act = factories.act()

    with raw_sql.refused_by("submission_acts_index"):
        raw_sql.insert_copy(owner_sql, act, id=act.pk + 1000, step="other")


# factory of the row that goes, which rows stand on it, the table and what becomes of its row
_GOING = [
    ("user", lambda row: factories.profile(row), "user_profiles", 0),
    ("user", lambda row: factories.setting(row), "user_settings", 0),
    ("user", lambda row: factories.session(row), "user_sessions", 0),
    ("user", lambda row: factories.intent(row), "intents", 0),
    ("user", lambda row: factories.alert(row), "alerts", 0),
    ("user", lambda row: factories.wallet(row), "wallets", 0),
    ("user", lambda row: factories.order(wallet=factories.wallet(row)), "orders", 0),
    ("user", lambda row: factories.position(wallet=factories.wallet(row)), "positions", 0),
    ("user", lambda row: factories.transaction(wallet=factories.wallet(row)), "transactions", 0),
    ("user", lambda row: factories.fill(wallet=factories.wallet(row)), "fills", 0),
    ("user", lambda row: factories.drift_order(wallet=factories.wallet(row)), "drift_orders", 0),
    (
        "user", lambda row: factories.drift_position(wallet=factories.wallet(row)),
        "drift_positions", 0,
    ),
    (
        "user", lambda row: factories.drift_transaction(wallet=factories.wallet(row)),
        "drift_transactions", 0,
    ),
    ("wallet", lambda row: factories.balance(row), "wallet_balances", 0),
    ("wallet", lambda row: factories.wallet_alert(row), "wallet_alerts", 0),
    ("wallet", lambda row: factories.venue_account(row), "venue_accounts", 0),
    ("wallet", lambda row: factories.order(wallet=row), "orders", 0),
    ("wallet", lambda row: factories.drift_order(wallet=row), "drift_orders", 0),
    ("wallet", lambda row: factories.drift_position(wallet=row), "drift_positions", 0),
    ("wallet", lambda row: factories.fill(wallet=row), "fills", 0),
    ("submission", lambda row: factories.act(row), "submission_acts", 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "stand_on", "table", "left"), _GOING, ids=[f"{g[0]}-{g[2]}" for g in _GOING]
)
def test_what_stands_on_a_deleted_row_goes_with_it(owner_sql, make, stand_on, table, left):
    row = getattr(factories, make)()
    stand_on(row)
    assert raw_sql.count(owner_sql, table) == 1

    assert raw_sql.delete(owner_sql, row) == 1

    assert raw_sql.count(owner_sql, table) == left


_HELD = [
    (lambda: factories.market(), lambda row: factories.order(row), "order_market_fk"),
    (lambda: factories.market(), lambda row: factories.position(row), "position_market_fk"),
    (lambda: factories.market(), lambda row: factories.fill(row), "fills_market_fk"),
    (lambda: factories.market(), lambda row: factories.alert(market=row), "alerts_market_fk"),
    (
        lambda: factories.market(), lambda row: factories.drift_market(catalogue=row),
        "drift_markets_market_fk",
    ),
    (
        lambda: factories.drift_market(), lambda row: factories.drift_order(row),
        "driftorder_market_fk",
    ),
    (
        lambda: factories.drift_market(), lambda row: factories.drift_position(row),
        "driftposition_market_fk",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "stand_on", "key"), _HELD, ids=[held[2] for held in _HELD])
def test_a_market_that_is_referred_to_cannot_be_deleted(owner_sql, make, stand_on, key):
    row = make()
    stand_on(row)

    with raw_sql.refused_by(key):
        raw_sql.delete(owner_sql, row)

    assert raw_sql.count(owner_sql, row._meta.db_table) >= 1


def test_a_transaction_outlives_its_order_and_its_position(owner_sql):
    order, position = factories.drift_order(), factories.drift_position()
    row = factories.drift_transaction(order=order, position=position)

    raw_sql.delete(owner_sql, order)
    raw_sql.delete(owner_sql, position)

    assert raw_sql.read(owner_sql, row, "order_id") is None
    assert raw_sql.read(owner_sql, row, "position_id") is None


def test_a_row_of_nobody_is_refused_at_the_commit(owner_sql):
    row = factories.wallet()

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        raw_sql.change(owner_sql, row, user_id=uuid7())

    assert raw_sql.read(owner_sql, row, "user_id") == row.user_id


# One hash a wallet, over all partitions


def _transaction(connection, wallet, tx_hash, month):
    key = uuid7()
    connection.execute(
        "INSERT INTO transactions (id, user_id, wallet_id, tx_hash, tx_type, status, metadata,"
        " created_at, updated_at) VALUES (%s, %s, %s, %s, 'transfer', 'pending', '{}',"
        " now() + make_interval(months => %s), now())",
        [key, wallet.user_id, wallet.pk, tx_hash, month],
    )
    return key


@pytest.mark.parametrize("month", [0, 1, 3, 40, -40])
def test_a_hash_is_one_wallets_transaction_once_in_any_partition(owner_sql, month):
    wallet = factories.wallet()
    _transaction(owner_sql, wallet, "hash", 0)

    with raw_sql.refused_by("transaction_hashes_pkey"):
        _transaction(owner_sql, wallet, "hash", month)

    assert raw_sql.count(owner_sql, "transactions") == 1


def test_a_transfer_between_two_of_our_wallets_is_a_row_of_each(owner_sql):
    sender, receiver = factories.wallet(), factories.wallet()

    _transaction(owner_sql, sender, "hash", 0)
    _transaction(owner_sql, receiver, "hash", 0)
    _transaction(owner_sql, sender, None, 0)
    _transaction(owner_sql, sender, None, 0)

    assert raw_sql.count(owner_sql, "transactions") == 4


def test_a_hash_that_is_written_later_is_held_too_and_one_given_up_is_free(owner_sql):
    wallet = factories.wallet()
    first = _transaction(owner_sql, wallet, "hash", 0)
    second = _transaction(owner_sql, wallet, None, 1)
    write = "UPDATE transactions SET tx_hash = %s WHERE id = %s"

    with raw_sql.refused_by("transaction_hashes_pkey"):
        owner_sql.execute(write, ["hash", second])
    owner_sql.execute(write, [None, first])
    owner_sql.execute(write, ["hash", second])
    owner_sql.execute("DELETE FROM transactions WHERE id = %s", [second])
    _transaction(owner_sql, wallet, "hash", 2)

    assert raw_sql.count(owner_sql, "transaction_hashes") == 1


@pytest.mark.parametrize("table", ["orders", "drift_orders", "wallets", "drift_positions"])
def test_history_stays_when_its_row_is_gone(owner_sql, table):
    make = {
        "orders": factories.order, "drift_orders": factories.drift_order,
        "wallets": factories.wallet, "drift_positions": factories.drift_position,
    }[table]  # fmt: skip
    row = make()
    history = sql.Identifier(row.pgh_event_model._meta.db_table)

    raw_sql.delete(owner_sql, row)

    labels = owner_sql.execute(
        sql.SQL("SELECT pgh_label FROM {} WHERE id = %s ORDER BY pgh_id").format(history), [row.pk]
    ).fetchall()
    assert labels == [("insert",), ("delete",)]
