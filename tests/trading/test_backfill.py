"""A person's books made anew from what the venue recorded."""

import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from core.roles import as_sync
from tests.trading.books import fill, transaction
from tests.trading.hand_venue import empty_report
from trading.models import Fill, VenueAccount


def _backfill(typed):
    said = io.StringIO()
    call_command("backfill_user", str(typed), stdout=said)
    return said.getvalue()


def _fills(books):
    with as_sync():
        return sorted(Fill.objects.filter(account=books.address).values_list("size", flat=True))


@pytest.fixture
def traded(books):
    """Two transactions are booked and the cursor stands behind them."""
    books.hear(transaction(fill(size="1")), transaction(fill(size="2")))
    assert _fills(books) == [1, 2]
    return books


def test_a_fill_that_was_lost_is_booked_again_and_the_others_stay_one(traded, owner_sql):
    owner_sql.execute("DELETE FROM fills WHERE size = 1")
    traded.look()
    assert _fills(traded) == [2]  # the cursor hides what lies before it

    said = _backfill(traded.wallet.user.telegram_id)

    assert _fills(traded) == [1, 2]
    assert "2 fills (+1)" in said


def test_an_account_whose_row_was_lost_is_made_from_the_chain(traded, owner_sql):
    address = traded.address
    owner_sql.execute("DELETE FROM fills")
    owner_sql.execute("DELETE FROM drift_positions")
    owner_sql.execute("DELETE FROM venue_accounts")

    _backfill(traded.wallet.user.pk)

    with as_sync():
        assert VenueAccount.objects.get().address == address
    assert _fills(traded) == [Decimal(1), Decimal(2)]


def test_repeating_it_changes_nothing(traded):
    said = [_backfill(traded.wallet.user.pk) for _ in range(2)]

    assert said[0] == said[1]
    assert "(+0)" in said[0]
    assert _fills(traded) == [1, 2]


def test_a_person_without_an_account_gets_none(books, owner_sql):
    owner_sql.execute("DELETE FROM venue_accounts")
    books.venue.reports[books.address] = empty_report(books.address, exists=False)

    assert "no account at any venue" in _backfill(books.wallet.user.pk)

    with as_sync():
        assert not VenueAccount.objects.exists()


def test_an_outage_stops_it_and_says_that_it_may_be_repeated(traded):
    traded.venue.is_down = True

    with pytest.raises(CommandError, match="Repeat it"):
        _backfill(traded.wallet.user.pk)

    assert _fills(traded) == [1, 2]


@pytest.mark.parametrize(
    "typed", ["12", "38261772-4d36-4876-86a8-dec5088dabc4", "9" * 40, "kim", "١٢"]
)
def test_a_person_who_is_not_there_is_named(db, typed):
    with pytest.raises(CommandError, match=r"no user|neither"):
        _backfill(typed)
