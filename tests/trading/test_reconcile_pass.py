"""A pass reads all that is due at once, and books only what moved or waits."""

import dataclasses
from decimal import Decimal

import pytest

from core.errors import Unavailable
from core.roles import as_sync
from tests import factories
from tests.trading.books import Books, fill, moment, placed, position_state, resting, transaction
from tests.trading.hand_venue import empty_report
from trading.models import VenueAccount
from trading.services import reconcile_wanted


@pytest.fixture
def asked(venue, monkeypatch):
    """(what was asked, of whom), in the order of the asking."""
    seen = []
    accounts, history = venue.read_accounts, venue.read_history

    def read_accounts(addresses, **options):
        seen.append(("accounts", tuple(addresses)))
        return accounts(addresses, **options)

    def read_history(address, **options):
        seen.append(("history", address))
        return history(address, **options)

    monkeypatch.setattr(venue, "read_accounts", read_accounts)
    monkeypatch.setattr(venue, "read_history", read_history)
    return seen


def told(books, venue, *, slot, **changes):
    report = empty_report(books.address, slot=slot, **changes)
    venue.reports[books.address] = dataclasses.replace(report, observed_at=moment(slot))


def held(books, *, mark=105, hash_="same", slot=2000, **changes):
    """A long of one that was bought and booked; its account as it is now."""
    state = position_state(quote_amount="-100.1", mark_price=Decimal(mark))
    return {"positions": (state,), "bytes_hash": hash_, "tokens": {}} | changes


def bought(books, **report):
    _, signature = books.order()
    bought_ = (
        transaction(placed(), signature=signature),
        transaction(fill(), slot=501),
    )
    books.hear(*bought_, **held(books), **report)
    assert books.differences() == {}


def histories(asked):
    return [address for what, address in asked if what == "history"]


def test_an_unchanged_account_is_marked_and_its_history_not_read(books, venue, asked):
    bought(books)
    asked.clear()
    told(books, venue, slot=2000, **held(books, mark=111, collateral=Decimal(1006)))

    found = reconcile_wanted(now=moment(700))

    assert (found["accounts"], found["booked"], found["unchanged"]) == (1, 0, 1)
    assert asked == [("accounts", (books.address,))]
    account = books.read(books.account)
    assert (account.observed_slot, account.observed_at) == (2000, moment(2000))
    assert account.collateral == 1006
    assert books.positions()[0].mark_price == 111


def test_a_changed_account_is_booked(books, venue, asked):
    bought(books)
    venue.histories[books.address].append(transaction(fill(size="2"), slot=1900))
    asked.clear()
    told(books, venue, slot=2000, **held(books, hash_="other"))

    assert reconcile_wanted(now=moment(700))["booked"] == 1
    assert books.positions()[0].size == 3


def test_an_older_look_moves_nothing_of_an_unchanged_account(books, venue):
    bought(books)
    told(books, venue, slot=900, **held(books, collateral=Decimal(1)))

    reconcile_wanted(now=moment(700))

    account = books.read(books.account)
    assert account.observed_slot > 900
    assert account.collateral == 1000


@pytest.mark.parametrize("why", ["not final", "difference", "wanted", "transfer", "order", "old"])
def test_what_waits_for_more_than_bytes_is_looked_at_in_full(books, venue, asked, why):
    bought(books)
    now = moment(700)
    if why == "not final":
        books.hear(
            *venue.histories[books.address],
            transaction(fill(size="2", direction="sell"), slot=502, finalized=False),
            bytes_hash="same",
        )
    elif why == "difference":
        books.hear(*venue.histories[books.address], **held(books, tokens={"USDC": Decimal(7)}))
    elif why == "wanted":
        with as_sync():
            VenueAccount.objects.filter(pk=books.account.pk).update(wanted_at=now)
    elif why == "transfer":
        factories.transfer(books.account)
    elif why == "order":
        books.order(state="sent", label=2, status="pending")
    else:
        now = moment(600 + 6 * 3600 + 1)
    report = venue.reports[books.address]
    venue.reports[books.address] = dataclasses.replace(report, slot=report.slot + 1)
    asked.clear()

    found = reconcile_wanted(now=now)

    assert (found["booked"], found["unchanged"]) == (1, 0)
    assert histories(asked) == [books.address]


def test_what_only_rests_needs_no_history(books, venue, asked):
    _, signature = books.order()
    books.hear(transaction(placed(), signature=signature), orders=(resting(),), bytes_hash="same")
    assert books.read(books.account).wanted_at is None
    asked.clear()

    assert reconcile_wanted(now=moment(601))["unchanged"] == 1
    assert histories(asked) == []


def test_an_account_with_nothing_in_it_is_looked_at_once_a_minute(books, venue):
    books.hear(bytes_hash="same")
    seen_at = books.read(books.account).observed_at
    told(books, venue, slot=2000, bytes_hash="same")

    assert reconcile_wanted(now=seen_at.replace(second=59))["accounts"] == 0
    assert reconcile_wanted(now=seen_at.replace(minute=2))["accounts"] == 1


def test_all_are_read_at_once_and_no_more_than_a_hundred(venue, market, asked):
    many = [Books(venue, market) for _ in range(103)]
    with as_sync():
        VenueAccount.objects.update(wanted_at=moment(0))

    assert reconcile_wanted(now=moment(600))["booked"] == 103

    reads = [addresses for what, addresses in asked if what == "accounts"]
    assert [len(addresses) for addresses in reads] == [100, 3]
    assert {address for read in reads for address in read} == {each.address for each in many}


def test_an_account_that_cannot_be_read_keeps_no_other_waiting(venue, market, monkeypatch):
    many = [Books(venue, market) for _ in range(5)]
    odd = many[2].address
    reading = venue.read_accounts

    def read_accounts(addresses, **options):
        if odd in addresses:
            raise Unavailable("venue.unreadable", venue="hand", reason="odd")
        return reading(addresses, **options)

    monkeypatch.setattr(venue, "read_accounts", read_accounts)
    with as_sync():
        VenueAccount.objects.update(wanted_at=moment(0))

    found = reconcile_wanted(now=moment(600))

    assert (found["accounts"], found["booked"], found["failed"]) == (5, 4, 1)
    assert [each.read(each.account).observed_slot is None for each in many] == [
        each.address == odd for each in many
    ]


def test_nodes_that_do_not_answer_are_asked_once_a_batch(venue, market, asked):
    many = [Books(venue, market) for _ in range(3)]
    with as_sync():
        VenueAccount.objects.update(wanted_at=moment(0))
    venue.is_down = True

    assert reconcile_wanted(now=moment(600))["failed"] == 3
    assert len(asked) == 1
    assert all(each.read(each.account).observed_slot is None for each in many)
