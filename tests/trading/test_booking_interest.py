"""Interest has no event: it is told apart from what nothing explains by the market's own index."""

from datetime import timedelta
from decimal import Decimal

from core.roles import as_sync
from tests.trading.books import entry, fill, position_state, transaction
from trading.models import Difference
from trading.venues.reports import BalanceState

D = Decimal


def balance(scaled="1000", *, deposit="1", borrow="1"):
    return {
        "USDC": BalanceState(
            scaled=D(scaled), deposit_index=D(deposit), borrow_index=D(borrow), unit=D("0.000001")
        )
    }


def interest(books):
    return [e.amount for e in books.entries() if e.kind == "interest"]


def test_a_deposit_that_grew_with_its_index_has_interest_as_a_row_of_its_own(books):
    paid = transaction(entry("deposit", "1000"))
    books.hear(paid, tokens={"USDC": D(1000)}, balances=balance())
    assert interest(books) == []
    books.hear(paid, tokens={"USDC": D(1001)}, balances=balance(deposit="1.001"))
    assert interest(books) == [1]
    books.hear(paid, tokens={"USDC": D(1003)}, balances=balance(deposit="1.003"), again=2)
    assert interest(books) == [3]
    (row,) = [e for e in books.entries() if e.kind == "interest"]
    assert (row.is_derived, row.signature) == (True, "")
    assert books.differences() == {}


def test_a_loan_costs_interest(books):
    taken = transaction(entry("withdrawal", "-100"))
    books.hear(taken, tokens={"USDC": D(-100)}, balances=balance("-100"))
    books.hear(taken, tokens={"USDC": D(-102)}, balances=balance("-100", borrow="1.02"))
    assert interest(books) == [-2]
    assert books.differences() == {}


def test_what_the_index_does_not_explain_stays_a_difference(books):
    paid = transaction(entry("deposit", "1000"))
    books.hear(paid, tokens={"USDC": D(1000)}, balances=balance())
    books.hear(paid, tokens={"USDC": D(1050)}, balances=balance(deposit="1.001"))
    (booked,) = interest(books)
    assert D(1) <= booked <= D("3.01")
    assert books.differences() == {"spot USDC": 50 - booked}


def test_without_growth_nothing_is_called_interest(books):
    books.hear(tokens={"USDC": D(5)}, balances=balance("5"))
    assert interest(books) == []
    assert books.differences() == {"spot USDC": 5}


def test_a_loss_that_depositors_bear_is_interest_below_zero(books):
    paid = transaction(entry("deposit", "1000"))
    books.hear(paid, tokens={"USDC": D(1000)}, balances=balance())
    books.hear(paid, tokens={"USDC": D(990)}, balances=balance(deposit="0.99"))
    assert interest(books) == [-10]
    assert books.differences() == {}


def test_a_difference_that_nothing_explains_in_time_is_handed_to_people_once(books):
    books.hear(positions=(position_state(quote_amount="-100.1"),))
    with as_sync():
        rows = list(Difference.objects.filter(account=books.account))
    assert {row.owner for row in rows} == {"books"}
    first = rows[0].created_at
    books.look(now=first + timedelta(minutes=16))
    with as_sync():
        rows = list(Difference.objects.filter(account=books.account))
    assert {row.owner for row in rows} == {"ops"}
    escalated = {row.escalated_at for row in rows}
    books.look(now=first + timedelta(minutes=30))
    with as_sync():
        again = list(Difference.objects.filter(account=books.account))
    assert {row.escalated_at for row in again} == escalated


def test_rows_of_a_transaction_that_a_fork_may_take_say_so_until_it_is_final(books):
    match = fill()
    books.hear(transaction(match, signature="young", finalized=False))
    assert [f.is_final for f in books.fills()] == [False]
    books.hear(transaction(match, signature="young", finalized=True))
    assert [f.is_final for f in books.fills()] == [True]
