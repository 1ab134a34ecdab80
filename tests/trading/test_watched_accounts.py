"""Which accounts a node is asked to tell of, and what its hints come to."""

import pytest
from django.utils import timezone

from chain.websocket import Kind
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories
from tests.trading.books import Books, fill, placed, position_state, transaction
from trading.models import Fill, VenueAccount
from trading.services import reconcile_hinted, watch_accounts


def _watched(limit: int = 100) -> list[str]:
    return [each.subject for each in watch_accounts(limit)]


def test_an_account_on_which_nothing_is_under_way_is_left_to_the_pass(books):
    assert _watched() == []


def test_an_account_with_a_live_order_is_watched_at_confirmed(books):
    books.order()
    [watch] = watch_accounts(100)
    assert (watch.kind, watch.subject, watch.commitment) == (
        Kind.ACCOUNT, books.address, "confirmed",
    )  # fmt: skip
    assert watch.key == books.account.pk


def test_an_account_that_holds_a_position_is_watched(books):
    books.hear(transaction(placed(), fill()), positions=(position_state(),))
    assert _watched() == [books.address]


def test_an_account_to_which_money_moves_or_that_is_asked_for_is_watched(venue, market):
    moving, asked = Books(venue, market), Books(venue, market)
    factories.transfer(moving.account)
    with as_sync():
        VenueAccount.objects.filter(pk=asked.account.pk).update(wanted_at=timezone.now())
    assert sorted(_watched()) == sorted([moving.address, asked.address])
    assert len(_watched(1)) == 1
    assert _watched(0) == []


def test_a_hint_books_the_account_it_is_about_and_no_other(venue, market):
    hinted, other = Books(venue, market), Books(venue, market)
    for each in (hinted, other):
        each.order()
        venue.histories[each.address] = [transaction(placed(), fill())]
    reconcile_hinted([hinted.account.pk])
    with as_sync():
        booked = set(Fill.objects.values_list("account", flat=True))
    assert booked == {hinted.address}


@pytest.mark.parametrize("times", [1, 3])
def test_a_hint_at_what_has_not_moved_changes_nothing(books, venue, times):
    books.hear(transaction(placed(), fill()), positions=(position_state(),), bytes_hash="same")
    before = (books.positions(), books.fills(), books.differences())
    for _ in range(times):
        reconcile_hinted([books.account.pk])
    after = (books.positions(), books.fills(), books.differences())
    assert [len(each) for each in after] == [len(each) for each in before]
    assert after[0][0].size == before[0][0].size


def test_a_hint_at_nothing_that_is_ours_asks_nobody(books, venue):
    venue.is_down = True
    reconcile_hinted([uuid7()])
