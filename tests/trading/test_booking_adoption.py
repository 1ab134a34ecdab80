"""What was done with the wallet elsewhere: adopted, followed to its end, labelled external."""

from decimal import Decimal

from core.roles import as_sync
from drift.models import DriftOrder
from tests.trading.books import (
    ended,
    fill,
    placed,
    position_state,
    replaced,
    resting,
    transaction,
)

D = Decimal


def orders(books):
    with as_sync():
        return list(DriftOrder.objects.filter(wallet=books.wallet).order_by("created_at", "id"))


def test_an_order_placed_elsewhere_is_adopted_and_followed_to_its_end(books):
    placing = transaction(placed("41", label=0, size="2"), slot=500)
    books.hear(placing, orders=(resting("41", label=0, size="2"),))
    (row,) = orders(books)
    assert (row.origin, row.status, row.size, row.direction) == ("external", "open", 2, "buy")
    assert books.intent_exists(row) is False

    part = transaction(fill("41", size="0.5"), slot=501)
    books.hear(placing, part, orders=(resting("41", label=0, size="2", filled="0.5"),))
    (row,) = orders(books)
    assert (row.status, row.filled_size) == ("partially_filled", D("0.5"))
    assert [(f.order_id, f.origin) for f in books.fills()] == [(row.id, "external")]

    books.hear(placing, part, transaction(ended("41"), slot=502), again=1)
    (row,) = orders(books)
    assert (row.status, row.filled_size) == ("cancelled", D("0.5"))


def test_an_order_that_only_the_account_shows_is_adopted_and_ends_when_it_is_gone(books):
    books.hear(orders=(resting("77", label=0),))
    (row,) = orders(books)
    assert (row.origin, row.status) == ("external", "open")
    books.hear()
    (row,) = orders(books)
    assert (row.status, row.status_reason) == ("cancelled", "venue.gone_from_account")


def test_a_resting_order_that_may_be_ours_waits_until_its_message_is_final(books):
    order, _ = books.order(label=9, state="sent", size="5")
    books.hear(orders=(resting("77", label=9),))
    assert [row.id for row in orders(books)] == [order.id]


def test_our_own_order_is_not_adopted_a_second_time(books):
    order, signature = books.order()
    books.hear(transaction(placed(), signature=signature), orders=(resting(),), again=2)
    assert [(row.id, row.origin) for row in orders(books)] == [(order.id, "ours")]


def test_an_order_changed_elsewhere_keeps_its_row_and_what_was_filled_of_it(books):
    order, signature = books.order(size="2")
    history = [
        transaction(placed(size="2"), signature=signature),
        transaction(fill(size="0.5"), slot=501),
        transaction(replaced("1", "8", size="1.5", price="99"), slot=502),
    ]
    books.hear(*history, orders=(resting("8", size="1.5"),), again=1)
    (row,) = orders(books)
    assert (row.id, row.venue_order_id, row.status) == (order.id, "8", "partially_filled")
    assert (row.size, row.filled_size, row.price) == (2, D("0.5"), 99)
    history += [
        transaction(replaced("8", "9", size="3"), slot=503),
        transaction(fill("9", size="3"), slot=504),
    ]
    books.hear(*history, again=2)
    (row,) = orders(books)
    assert (row.venue_order_id, row.status, row.filled_size, row.size) == (
        "9", "filled", D("3.5"), D("3.5"),
    )  # fmt: skip
    assert books.intent(order) == "executed"
    assert {f.order_id for f in books.fills()} == {order.id}


def test_a_position_that_a_liquidation_closes_ends_liquidated(books):
    books.hear(
        transaction(fill(size="2", price="100", fee="0.2"), slot=501),
        transaction(
            fill("5", direction="sell", size="2", price="80", fee="3.2", is_liquidation=True),
            slot=502,
        ),
        positions=(position_state(size="0", quote_amount="-43.4"),),
    )
    (position,) = books.positions()
    assert (position.status, position.realized_pnl) == ("liquidated", D("-43.4"))
    assert books.differences() == {}
