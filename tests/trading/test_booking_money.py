"""What fills, funding, charges and deposits do to positions, transfers and the identities."""

from decimal import Decimal

import pytest

from core.errors import Unavailable
from core.roles import as_sync
from tests import factories
from tests.trading.books import entry, fill, moment, placed, position_state, transaction
from trading.models import VenueAccount
from trading.services import reconcile_wanted

D = Decimal


def sells(*, record="", **changes):
    return fill(direction="sell", record=record, **changes)


# Positions.


def test_a_round_trip_realises_the_quote_flows_less_fees(books):
    books.hear(
        transaction(fill(size="2", price="100", fee="0.2"), slot=501),
        transaction(sells(size="2", price="110", fee="0.22"), slot=502),
    )
    (position,) = books.positions()
    assert (position.status, position.size, position.peak_size) == ("closed", 0, 2)
    assert position.realized_pnl == D("20") - D("0.42")
    assert position.fees == D("0.42")
    assert (position.exit_price, position.closed_at) == (110, moment(10))
    assert sum(f.realized_pnl for f in books.fills()) == position.realized_pnl


def test_partial_closes_share_the_cost_and_the_last_one_takes_the_rest(books):
    history = [transaction(fill(size="3", quote="100.000001", fee="0"), slot=501)]
    history += [
        transaction(sells(size="1", quote="40", fee="0"), slot=502 + number) for number in range(3)
    ]
    books.hear(*history[:2])
    (position,) = books.positions()
    assert (position.size, position.entry_quote) == (2, D("66.666668"))
    books.hear(*history)
    (position,) = books.positions()
    assert (position.status, position.realized_pnl) == ("closed", D("19.999999"))


def test_a_flip_closes_one_position_and_opens_the_other_from_the_same_fill(books):
    books.hear(
        transaction(fill(size="1", price="100", fee="0"), slot=501),
        transaction(sells(size="3", price="90", fee="0.3"), slot=502),
    )
    closed, opened = books.positions()
    assert (closed.status, closed.side, closed.realized_pnl) == ("closed", "long", D("-10.3"))
    assert (opened.status, opened.side, opened.size) == ("open", "short", 2)
    assert (opened.entry_quote, opened.entry_price, opened.realized_pnl) == (180, 90, 0)
    assert len(books.fills()) == 2


def test_a_position_reopened_after_its_close_is_a_new_row(books):
    books.hear(
        transaction(fill(), slot=501),
        transaction(sells(), slot=502),
        transaction(sells(price="120"), slot=503),
    )
    assert [(p.side, p.status) for p in books.positions()] == [
        ("long", "closed"),
        ("short", "open"),
    ]


def test_the_venues_valuation_marks_a_position_of_the_same_size_only(books):
    history = [transaction(fill(fee="0.1"), slot=501)]
    books.hear(*history, positions=(position_state(quote_amount="-100.1"),))
    (position,) = books.positions()
    assert (position.mark_price, position.unrealized_pnl, position.margin) == (105, 5, 10)
    books.hear(*history, positions=(position_state(size="2", quote_amount="-300"),))
    (position,) = books.positions()
    assert position.mark_price == 105
    assert books.differences() == {"size SOL-PERP": 1, "perp SOL-PERP": D("-199.9")}


def test_a_difference_is_closed_when_the_books_agree_again(books):
    books.hear(positions=(position_state(quote_amount="-100.1"),))
    assert books.differences() == {"size SOL-PERP": 1, "perp SOL-PERP": D("-100.1")}
    books.hear(
        transaction(fill(fee="0.1"), slot=501),
        positions=(position_state(quote_amount="-100.1"),),
    )
    assert books.differences() == {}


# Funding and charges.


def test_funding_and_charges_are_part_of_the_position_that_they_fell_on(books):
    books.hear(
        transaction(fill(fee="0.1"), slot=501),
        transaction(entry("funding", "-0.5", market=0), slot=502),
        transaction(entry("keeper_charge", "-0.01", market=0), slot=503),
        transaction(sells(fee="0.1"), slot=504),
        transaction(entry("keeper_charge", "-0.01", market=0), slot=505),
        positions=(position_state(size="0", quote_amount="-0.72"),),
        again=1,
    )
    (position,) = books.positions()
    assert (position.realized_pnl, position.funding) == (D("-0.71"), D("-0.5"))
    assert [e.position_id for e in books.entries()] == [position.id, position.id, None]
    assert books.differences() == {}


def test_a_charge_names_its_order(books):
    order, signature = books.order()
    books.hear(
        transaction(placed(), signature=signature),
        transaction(entry("keeper_charge", "-0.01", market=0, venue_order_id="1"), slot=501),
    )
    assert [e.order_id for e in books.entries()] == [order.id]


def test_two_movements_of_one_kind_in_one_transaction_are_both_booked(books):
    books.hear(
        transaction(
            entry("funding", "-0.5", market=0, index=3), entry("funding", "0.2", market=0, index=4)
        ),
        again=1,
    )
    assert [e.amount for e in books.entries()] == [D("-0.5"), D("0.2")]


def test_a_liquidation_that_comes_as_fills_and_a_fee_keeps_the_identity(books):
    books.hear(
        transaction(fill(size="2", price="100", fee="0.2"), slot=501),
        transaction(
            sells(size="2", price="80", fee="0"),
            entry("liquidation", "-4", market=0, index=9),
            slot=502,
        ),
        positions=(position_state(size="0", quote_amount="-44.2"),),
    )
    (position,) = books.positions()
    assert (position.status, position.realized_pnl) == ("closed", D("-40.2"))
    assert books.differences() == {}


# Deposits.


def deposit_of(books, amount="50", **columns):
    transfer = factories.transfer(books.account, amount=amount, **columns)
    factories.intent(books.wallet.user, id=transfer.id, kind="deposit")
    return transfer, books.message(transfer.id, kind="deposit", step="deposit")


def test_the_venues_record_completes_a_deposit_once_with_its_own_amount(books):
    transfer, signature = deposit_of(books)
    record = entry("deposit", "49.999999", venue_record_id="17")
    report = transaction(record, record, signature=signature)
    books.hear(report, tokens={"USDC": D("49.999999")}, again=2)
    row = books.read(transfer)
    assert (row.status, row.booked_amount, row.venue_record_id) == (
        "completed", D("49.999999"), "17",
    )  # fmt: skip
    assert (row.tx_hash, books.intent(transfer)) == (signature, "executed")
    assert len(books.entries()) == 1
    assert books.differences() == {}


def test_a_confirmed_deposit_without_its_record_is_not_completed(books):
    transfer, _ = deposit_of(books, status="confirmed")
    books.hear()
    assert books.read(transfer).status == "confirmed"


def test_money_that_arrived_is_told_even_if_its_message_was_held_to_be_dead(books):
    transfer, signature = deposit_of(
        books, status="not_executed", status_reason="message.never_landed"
    )
    books.hear(transaction(entry("deposit", "50"), signature=signature))
    row = books.read(transfer)
    assert (row.status, row.status_reason) == ("completed", "")
    assert books.intent(transfer) == "executed"


def test_a_deposit_made_elsewhere_is_booked_and_completes_nothing(books):
    transfer, _ = deposit_of(books)
    books.hear(transaction(entry("deposit", "50")), tokens={"USDC": D(50)})
    assert books.read(transfer).status == "pending"
    assert [e.amount for e in books.entries()] == [50]


def test_the_spot_identity_counts_settlements_and_allows_a_unit_for_each_event(books):
    history = [
        transaction(entry("deposit", "50"), slot=501),
        transaction(entry("settlement", "7", market=0), slot=502),
        transaction(entry("withdrawal", "-20"), slot=503),
    ]
    books.hear(
        *history,
        tokens={"USDC": D("36.999997")},
        positions=(position_state(size="0", quote_amount="-7"),),
    )
    assert books.differences() == {}
    books.hear(
        *history,
        tokens={"USDC": D("36.999996")},
        positions=(position_state(size="0", quote_amount="-7"),),
    )
    assert books.differences() == {"spot USDC": D("-0.000004")}


# The reading itself.


def test_the_cursor_stops_before_the_first_transaction_that_is_not_final(books):
    history = [
        transaction(fill(), slot=501, signature="a"),
        transaction(fill(), slot=502, signature="b", finalized=False),
        transaction(fill(), slot=503, signature="c"),
    ]
    books.hear(*history)
    account = books.read(books.account)
    assert (account.scanned_signature, account.scanned_slot) == ("a", 501)
    books.look()
    assert len(books.fills()) == 3
    assert books.positions()[0].size == 3


def test_a_market_that_is_not_in_the_catalogue_yet_books_nothing_until_it_is(books):
    order, signature = books.order()
    history = [
        transaction(placed(), signature=signature),
        transaction(fill(), fill(market_index=7), slot=501),
    ]
    with pytest.raises(Unavailable, match=r"market\.not_synced"):
        books.hear(*history)
    assert books.fills() == []
    assert books.read(order).venue_order_id is None
    factories.drift_market("hand", symbol="NEW-PERP", market_index=7, quote_asset="USDC")
    books.look()
    assert len(books.fills()) == 2


def test_an_account_that_cannot_be_booked_keeps_no_other_waiting(books, venue, market):
    odd = type(books)(venue, market)
    venue.histories[odd.address] = [transaction(fill(size="1", quote="1e30"))]
    order, signature = books.order()
    venue.histories[books.address] = [transaction(placed(), signature=signature)]
    with as_sync():
        VenueAccount.objects.filter(pk=odd.account.pk).update(wanted_at=moment(0))
    found = reconcile_wanted(now=moment(600))
    assert (found["accounts"], found["failed"]) == (2, 1)
    assert odd.fills() == []
    assert books.read(order).venue_order_id == "1"


def test_a_liquidated_account_goes_on_being_looked_at(books):
    books.hear(status="being_liquidated")
    assert reconcile_wanted(now=moment(10_000))["accounts"] == 1


def test_an_absent_account_is_looked_at_only_while_something_is_under_way(books):
    books.hear(status="absent", exists=False)
    assert reconcile_wanted(now=moment(10_000))["accounts"] == 0
    factories.transfer(books.account)
    assert reconcile_wanted(now=moment(10_000))["accounts"] == 1


def test_a_wish_that_came_during_the_look_is_not_cleared_by_it(books):
    with as_sync():
        VenueAccount.objects.filter(pk=books.account.pk).update(wanted_at=moment(601))
    books.look(now=moment(600))
    assert books.read(books.account).wanted_at == moment(601)
    books.look(now=moment(602))
    assert books.read(books.account).wanted_at is None
