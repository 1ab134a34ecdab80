"""What a pass costs follows what is open and what changed, not what has ever been booked."""

import re
import threading
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.roles import as_sync
from tests import factories
from tests.trading.books import Books, entry, fill, moment, placed, position_state, transaction
from tests.trading.hand_venue import HAND, empty_report
from trading.models import AccountEntry, Difference, Fill, OrderChange, VenueAccount
from trading.services import reconcile_wanted

# Each with one column that tells the copies apart, and what makes them rows of the past.
_PAST = {
    "fills": "'venue_fill_id', 'past ' || n, 'account', 'another ' || n, 'order_id', NULL",
    "account_entries": "'account_id', other, 'event_index', 1000 + n, 'is_final', true",
    "differences": "'account_id', other, 'resolved_at', now()",
    "drift_orders": "'drift_order_id', 'past ' || n, 'status', 'cancelled'",
    "drift_positions": "'status', 'closed', 'closed_at', now()",
    "venue_transfers": "'account_id', other, 'status', 'completed'",
    "order_changes": "'status', 'done'",
}
_COPIES = 3000


@pytest.fixture
def passed(books, venue, market, owner_sql):
    """An account with one of everything under way, and thousands of what has ended."""
    _, signature = books.order()
    books.hear(
        transaction(placed(), signature=signature),
        transaction(fill(), slot=501),
        transaction(entry("funding", "-1", market=0), slot=502, finalized=False),
        positions=(position_state(quote_amount="-101.5"),),
        bytes_hash="first",
    )
    factories.transfer(books.account)
    with as_sync():
        OrderChange(
            user_id=books.wallet.user_id, wallet=books.wallet, deployment=HAND, kind="cancel",
            deadline=moment(900),
        ).save()  # fmt: skip
    with as_sync():
        assert Difference.objects.filter(resolved_at__isnull=True).exists()
    other = str(Books(venue, market).account.pk)
    for table, past in _PAST.items():
        owner_sql.execute(
            f"INSERT INTO {table} SELECT r.* FROM (SELECT * FROM {table} LIMIT 1) AS t,"
            f" (SELECT '{other}' AS other) AS o, generate_series(1, {_COPIES}) AS n,"
            f" LATERAL jsonb_populate_record(NULL::{table},"
            f" to_jsonb(t) || jsonb_build_object('id', md5(n || t.id::text)::uuid, {past})) AS r"
        )
        owner_sql.execute(f"VACUUM (ANALYZE) {table}")
    return books


def _tell(books, venue, *, slot, hash_, size, quote_amount, order_id=""):
    """One more bought, and the account as it is then."""
    history = venue.histories.setdefault(books.address, [])
    history.append(transaction(fill(order_id, fee="0"), slot=slot))
    state = position_state(size=size, quote_amount=quote_amount)
    venue.reports[books.address] = empty_report(
        books.address, slot=slot, positions=(state,), bytes_hash=hash_
    )


def test_what_has_ended_is_not_read_through_by_a_pass(passed, venue):
    _tell(passed, venue, slot=2000, hash_="second", size="2", quote_amount="-201.1")

    with CaptureQueriesContext(connection) as asked:
        assert reconcile_wanted(now=moment(700))["booked"] == 1

    # Statements that write begin with what histories are to know of them.
    asked = [
        re.sub(r"^(\s*SE(T LOCAL|LECT set_config)[^;]*;\s*)+", "", one["sql"]) for one in asked
    ]
    read = [sql for sql in asked if re.match(r"\s*(SELECT|UPDATE|WITH)\b", sql) and ";" not in sql]
    assert len(read) > 10
    with as_sync(), connection.cursor() as cursor:
        for sql in read:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            through = set(re.findall(r"Seq Scan on (\w+)", plan)) & _PAST.keys()
            assert not through, f"{sql}\n{plan}"


def test_many_accounts_whose_orders_were_filled_are_booked_by_as_many_statements_as_few(
    venue, market
):
    counts = []
    # The first are there so that each later pass has some that did not change.
    for size in (1, 2, 20):
        many = [Books(venue, market) for _ in range(size)]
        orders = []
        for books in many:
            order, signature = books.order()
            orders.append(order)
            venue.histories[books.address] = [transaction(placed(), signature=signature, slot=1999)]
            _tell(
                books, venue, slot=2000, hash_="first", size="1", quote_amount="-100", order_id="1"
            )
        with as_sync():
            VenueAccount.objects.filter(pk__in=[each.account.pk for each in many]).update(
                wanted_at=moment(0)
            )
        with CaptureQueriesContext(connection) as asked:
            assert reconcile_wanted(now=moment(700))["booked"] == size
        counts.append(len(asked))
        assert [each.positions()[0].size for each in many] == [1] * size
        assert {books.read(order).status for order in orders} == {"filled"}

    assert counts[1] == counts[2]
    with as_sync():
        assert Fill.objects.count() == 23
        assert not Difference.objects.exists()


def test_an_account_that_cannot_be_booked_keeps_no_other_of_its_batch_waiting(venue, market):
    many = [Books(venue, market) for _ in range(5)]
    for books in many:
        size = "0" if books is many[2] else "1"
        venue.histories[books.address] = [
            transaction(fill("", size=size, quote="100", fee="0"), slot=900)
        ]
    with as_sync():
        VenueAccount.objects.update(wanted_at=moment(0))

    found = reconcile_wanted(now=moment(600))

    assert (found["booked"], found["failed"]) == (4, 1)
    assert [len(each.fills()) for each in many] == [1, 1, 0, 1, 1]
    assert many[2].read(many[2].account).observed_slot is None


def test_an_account_that_is_held_at_the_moment_is_booked_once_it_is_free(venue, market, owner_sql):
    many = [Books(venue, market) for _ in range(3)]
    for books in many:
        venue.histories[books.address] = [transaction(entry("deposit", "5"), slot=900)]
    with as_sync():
        VenueAccount.objects.update(wanted_at=moment(0))
    owner_sql.execute("BEGIN")
    owner_sql.execute("SELECT FROM venue_accounts WHERE id = %s FOR UPDATE", [many[1].account.pk])

    def let_go():
        time.sleep(1)
        owner_sql.execute("COMMIT")

    holder = threading.Thread(target=let_go)
    holder.start()
    found = reconcile_wanted(now=moment(600))
    holder.join()

    assert found["booked"] == 3
    with as_sync():
        assert AccountEntry.objects.count() == 3
