"""A row moves from state to state by one conditional update, with its log entry."""

import threading

import pytest
from django.db import connection

from audit.models import AuditLog
from audit.services import advance
from core.errors import Conflict
from core.roles import as_sync
from tests import factories, raw_sql
from trading.enums import ORDER_MOVES, OrderStatus
from trading.models import Order

pytestmark = pytest.mark.django_db


def entries(row, action):
    with as_sync():
        return list(AuditLog.objects.filter(resource_id=str(row.pk), action=action))


def test_an_allowed_move_is_written_recorded_and_seen_on_the_row(owner_sql):
    row = factories.order()
    stored = raw_sql.read(owner_sql, row, "updated_at")

    with as_sync():
        assert advance(row, to=OrderStatus.OPEN, moves=ORDER_MOVES, status_reason="seen")

    assert (row.status, row.status_reason) == ("open", "seen")
    assert raw_sql.read(owner_sql, row, "status") == "open"
    assert raw_sql.read(owner_sql, row, "updated_at") > stored
    (entry,) = entries(row, "order.open")
    assert entry.old_values == {"status": "pending", "status_reason": ""}
    assert entry.new_values == {"status": "open", "status_reason": "seen"}
    assert entry.user_id == row.user_id


def test_a_row_that_has_moved_on_stays_as_it_is(owner_sql):
    row = factories.order()
    raw_sql.change(owner_sql, row, status="filled")

    with as_sync():
        assert not advance(row, to=OrderStatus.OPEN, moves=ORDER_MOVES, status_reason="late")

    assert row.status == "pending", "what the caller holds is not touched either"
    assert raw_sql.read(owner_sql, row, "status") == "filled"
    assert entries(row, "order.open") == []


def test_the_log_tells_the_state_that_the_database_had_not_the_one_the_caller_believed(owner_sql):
    row = factories.order()
    raw_sql.change(owner_sql, row, status="open", status_reason="meanwhile")

    with as_sync():
        assert advance(row, to=OrderStatus.FILLED, moves=ORDER_MOVES, status_reason="all")

    (entry,) = entries(row, "order.filled")
    assert entry.old_values == {"status": "open", "status_reason": "meanwhile"}


def test_an_expected_state_narrows_the_move(owner_sql):
    row = factories.order(status="open")

    with as_sync():
        assert not advance(row, to=OrderStatus.FILLED, moves=ORDER_MOVES, expect="pending")
        assert advance(row, to=OrderStatus.FILLED, moves=ORDER_MOVES, expect="open")


@pytest.mark.parametrize("arguments", [{"to": "unheard of"}, {"to": "open", "expect": "filled"}])
def test_a_move_that_no_state_allows_is_a_conflict(owner_sql, arguments):
    row = factories.order()

    with as_sync(), pytest.raises(Conflict) as caught:
        advance(row, moves=ORDER_MOVES, **arguments)

    assert caught.value.code == "state.no_such_move"
    assert raw_sql.read(owner_sql, row, "status") == "pending"


def test_of_two_at_once_one_wins(owner_sql):
    key = factories.order().pk
    ready, results = threading.Barrier(2), []

    def move(to):
        try:
            with as_sync():
                row = Order.objects.get(pk=key)
                ready.wait(10)
                results.append((to, advance(row, to=to, moves=ORDER_MOVES, expect="pending")))
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=[to]) for to in ("open", "failed")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    (winner,) = [to for to, won in results if won]
    with as_sync():
        assert Order.objects.get(pk=key).status == winner
        moves = AuditLog.objects.filter(resource_id=str(key)).exclude(action="order.created")
        assert [entry.action for entry in moves] == [f"order.{winner}"]


def test_a_move_that_is_rolled_back_leaves_no_entry(owner_sql):
    row = factories.order()

    def move_and_stop():
        advance(row, to=OrderStatus.OPEN, moves=ORDER_MOVES)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), as_sync():
        move_and_stop()

    assert raw_sql.read(owner_sql, row, "status") == "pending"
    assert entries(row, "order.open") == []
