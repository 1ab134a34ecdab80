"""Marks by prices and a booking write the same rows: neither waits for ever for the other."""

import dataclasses
import threading
import time
from decimal import Decimal

from django.db import connection

from core.roles import as_sync
from drift.models import DriftPosition
from markets.prices import Price
from tests.prices import store_prices
from tests.trading.books import Books, fill, moment, position_state, transaction
from tests.trading.hand_venue import HAND, empty_report
from trading.models import VenueAccount
from trading.services import reconcile_wanted, refresh_positions


def _show(books, *, slot, size, quote_amount):
    state = position_state(size=size, quote_amount=quote_amount)
    books.venue.reports[books.address] = empty_report(
        books.address, slot=slot, positions=(state,), bytes_hash=f"at {slot}"
    )


def _buy(books, *, slot):
    told = transaction(fill("", fee="0"), slot=slot)
    books.venue.histories.setdefault(books.address, []).append(told)


def test_marks_do_not_wait_for_a_booking_that_waits_for_them(venue, market, owner_sql):
    many = {books.address: books for books in (Books(venue, market), Books(venue, market))}
    for books in many.values():
        _buy(books, slot=2000)
        _show(books, slot=2000, size="1", quote_amount="-100")
    with as_sync():
        VenueAccount.objects.update(wanted_at=moment(0))
    assert reconcile_wanted(now=moment(700))["booked"] == 2
    price = Price(market.base_asset, Decimal(120), HAND, 1, moment(700))
    store_prices([price])
    # The booking begins with the row that lies last; marks go as they lie.
    rows = owner_sql.execute("SELECT drift_user_account FROM drift_positions ORDER BY ctid")
    first, last = (many[address] for (address,) in rows)
    _show(first, slot=2001, size="1", quote_amount="-100")
    _buy(last, slot=2001)
    _show(last, slot=2001, size="2", quote_amount="-200")
    ended, written = [], []

    def mark():
        try:
            ended.append(refresh_positions(now=moment(800)))
        finally:
            connection.close()

    marking = threading.Thread(target=mark)

    def meet(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if 'UPDATE "drift_positions"' in sql:
            written.append(sql)
            if len(written) == 1:
                marking.start()
                _wait_until_held(owner_sql, marking)
        return result

    with connection.execute_wrapper(meet):
        found = reconcile_wanted(now=moment(800))
    marking.join(60)

    assert (found["booked"], len(written)) == (2, 2), "it was not broken off and booked again"
    assert len(ended) == 1
    with as_sync():
        assert sorted(DriftPosition.objects.values_list("size", flat=True)) == [1, 2]
    # What was held is marked in the next round.
    store_prices([dataclasses.replace(price, price=Decimal(121))])
    assert refresh_positions(now=moment(801)) == {"changed": 2}


def _wait_until_held(sql, thread):
    """Until the thread's statement waits for a row, or has given up waiting."""
    until = time.monotonic() + 60
    while thread.is_alive() and time.monotonic() < until:
        waiting = sql.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE '%UPDATE drift_positions%'"
        )
        if waiting.fetchone():
            return
