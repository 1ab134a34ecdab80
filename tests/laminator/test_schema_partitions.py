"""Partitions: what has no range of its own lands in the default, and moves out when it gets one."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.partitions import ensure_partitions
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories, raw_sql

pytestmark = pytest.mark.django_db

_MARCH_2041 = datetime(2041, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def _no_far_partitions(owner_sql):
    yield
    for (name,) in owner_sql.execute(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
        " AND relname ~ '_p204[0-9]{5}$'"
    ).fetchall():
        owner_sql.execute(f"DROP TABLE {name}")


def ensure(now):
    with as_sync():
        return ensure_partitions(now=now)


def log_entry(connection, when):
    key = uuid7()
    connection.execute(
        "INSERT INTO audit_logs (id, action, resource_type, channel, trace_id, content_hash,"
        " created_at) VALUES (%s, 'a', 'b', 'system', '', '', %s)",
        [key, when],
    )
    return key


def partition_of(connection, key, table="audit_logs"):
    found = connection.execute(f"SELECT tableoid::regclass::text FROM {table} WHERE id = %s", [key])
    return found.fetchone()[0]


def test_making_them_again_makes_none():
    now = timezone.now()

    assert ensure(now) == 0
    assert ensure(now) == 0


def test_a_row_of_this_month_lands_in_this_months_partition(owner_sql):
    key = log_entry(owner_sql, timezone.now())

    assert partition_of(owner_sql, key) == f"audit_logs_p{timezone.now():%Y%m}01"


@pytest.mark.usefixtures("_no_far_partitions")
def test_rows_outside_land_in_the_default_and_move_out_when_their_range_is_made(owner_sql):
    first = log_entry(owner_sql, datetime(2041, 3, 1, tzinfo=UTC))
    last = log_entry(owner_sql, datetime(2041, 3, 31, 23, 59, 59, 999999, tzinfo=UTC))
    next_month = log_entry(owner_sql, datetime(2041, 4, 1, tzinfo=UTC))
    stays = log_entry(owner_sql, datetime(2041, 2, 28, 23, 59, 59, 999999, tzinfo=UTC))
    assert {partition_of(owner_sql, key) for key in (first, last, next_month, stays)} == {
        "audit_logs_default"
    }

    made = ensure(_MARCH_2041)

    assert made == 8, "March and three months ahead of two tables"
    assert partition_of(owner_sql, first) == "audit_logs_p20410301"
    assert partition_of(owner_sql, last) == "audit_logs_p20410301"
    assert partition_of(owner_sql, next_month) == "audit_logs_p20410401"
    assert partition_of(owner_sql, stays) == "audit_logs_default"
    assert raw_sql.count(owner_sql, "audit_logs") == 4
    assert ensure(_MARCH_2041) == 0


@pytest.mark.usefixtures("_no_far_partitions")
def test_a_transaction_that_moves_out_keeps_its_values_and_its_hash(owner_sql):
    row = factories.transaction(tx_hash="hash", amount=7, created_at=_MARCH_2041)
    later = factories.transaction(created_at=_MARCH_2041 + timedelta(days=31))
    assert partition_of(owner_sql, row.pk, "transactions") == "transactions_default"

    ensure(_MARCH_2041)

    assert partition_of(owner_sql, row.pk, "transactions") == "transactions_p20410301"
    assert partition_of(owner_sql, later.pk, "transactions") == "transactions_p20410401"
    assert raw_sql.read(owner_sql, row, "amount") == 7
    held = owner_sql.execute("SELECT tx_hash, transaction_id FROM transaction_hashes").fetchall()
    assert held == [("hash", row.pk)]
    with raw_sql.refused_by("transaction_hashes_pkey"):
        raw_sql.insert_copy(owner_sql, row)


@pytest.mark.usefixtures("_no_far_partitions")
def test_a_partition_that_was_filled_from_the_default_obeys_the_parents_rules(owner_sql):
    row = factories.transaction(created_at=_MARCH_2041)
    ensure(_MARCH_2041)

    with raw_sql.refused_by("transaction_status_known"):
        raw_sql.change(owner_sql, row, status="unheard of")
    with raw_sql.refused_by("transactions_amount_check"):
        raw_sql.change(owner_sql, row, amount="NaN")
    owner_sql.execute("DELETE FROM users WHERE id = %s", [row.user_id])
    assert raw_sql.count(owner_sql, "transactions") == 0


@pytest.mark.usefixtures("_no_far_partitions")
def test_two_who_make_them_at_once_make_each_one_once():
    made, ready = [], threading.Barrier(2)

    def make():
        try:
            ready.wait(10)
            made.append(ensure(_MARCH_2041 + timedelta(days=366)))
        finally:
            connection.close()

    makers = [threading.Thread(target=make) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(30)

    assert sorted(made) == [0, 8]


def test_a_partition_cannot_be_read_around_its_parent(login_sql, owner_sql):
    partitions = owner_sql.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relispartition AND relkind = 'r'"
    ).fetchall()

    granted = [
        (name, role)
        for (name,) in partitions
        for role in ("desk_login", "desk_user", "desk_sync", "desk_admin")
        if owner_sql.execute(
            "SELECT has_table_privilege(%s, %s, 'SELECT, INSERT, UPDATE, DELETE')", [role, name]
        ).fetchone()[0]
    ]

    assert len(partitions) >= 10
    assert granted == []
