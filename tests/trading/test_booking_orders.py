"""What reports do to orders: in whatever way they come, only what is known is said."""

from decimal import Decimal

import pytest

from tests.trading.books import Books, ended, fill, placed, resting, transaction

D = Decimal


def test_an_order_that_rests_in_the_account_is_open(books):
    order, signature = books.order()
    books.hear(transaction(placed(), signature=signature), orders=(resting(),))
    row = books.read(order)
    assert (row.status, row.venue_order_id) == ("open", "1")
    assert books.intent(order) == "open"


def test_a_filled_order_sums_its_fills_and_executes_its_intent(books):
    order, signature = books.order(size="3")
    books.hear(
        transaction(placed(size="3"), signature=signature),
        transaction(fill(size="1", price="100", fee="0.1"), slot=501),
        transaction(fill(size="2", price="103", fee="0.3"), slot=502),
    )
    row = books.read(order)
    assert (row.status, row.filled_size, row.avg_fill_price) == ("filled", 3, 102)
    assert row.total_fees == D("0.4")
    assert books.intent(order) == "executed"
    assert {f.order_id for f in books.fills()} == {order.id}


def test_the_same_reports_again_change_nothing(books):
    order, signature = books.order(size="2")
    history = [
        transaction(placed(size="2"), signature=signature),
        transaction(fill(size="1"), slot=501),
        transaction(ended(), slot=502),
    ]
    books.hear(*history)
    before = books.everything()
    books.hear(*history, again=2)
    assert books.everything() == before
    assert books.read(order).status == "cancelled"


def test_an_event_that_is_told_twice_in_one_transaction_counts_once(books):
    order, signature = books.order(size="2")
    match = fill(size="1")
    books.hear(
        transaction(placed(size="2"), signature=signature),
        transaction(match, match, slot=501),
        orders=(resting(size="2", filled="1"),),
    )
    assert len(books.fills()) == 1
    row = books.read(order)
    assert (row.status, row.filled_size) == ("partially_filled", 1)


def test_a_fill_and_an_end_that_are_told_before_the_placing_find_their_order(books):
    order, signature = books.order(size="2")
    books.hear(
        transaction(fill(size="1"), slot=501),
        transaction(ended(), slot=502),
        transaction(placed(size="2"), signature=signature, slot=500),
    )
    row = books.read(order)
    assert (row.status, row.filled_size, row.status_reason) == (
        "cancelled", 1, "venue.order_expired",
    )  # fmt: skip
    assert [f.origin for f in books.fills()] == ["ours"]


def test_what_was_filled_before_a_cancel_stays_filled_and_executed(books):
    order, signature = books.order(size="2")
    books.hear(
        transaction(placed(size="2"), signature=signature),
        transaction(fill(size="1"), slot=501),
        transaction(ended(reason="expired"), slot=502),
    )
    row = books.read(order)
    assert (row.status, row.filled_size) == ("expired", 1)
    assert books.intent(order) == "executed"


@pytest.mark.parametrize("reason", ["cancelled", "expired"])
def test_a_fill_that_is_read_after_the_end_still_counts(books, reason):
    order, signature = books.order(size="2")
    first = [
        transaction(placed(size="2"), signature=signature),
        transaction(ended(reason=reason), slot=502),
    ]
    books.hear(*first)
    assert books.intent(order) == "not_executed"
    books.hear(*first, transaction(fill(size="1"), slot=503))
    row = books.read(order)
    assert (row.status, row.filled_size) == (reason, 1)
    assert books.intent(order) == "executed"
    books.hear(*first, transaction(fill(size="1"), slot=503), transaction(fill(size="1"), slot=504))
    assert books.read(order).status == "filled"


def test_a_landed_message_without_any_trace_had_no_effect(books):
    order, _ = books.order(landed=500)
    books.hear(slot=1001)
    row = books.read(order)
    assert (row.status, row.status_reason) == ("no_effect", "venue.no_record")
    assert books.intent(order) == "not_executed"


@pytest.mark.parametrize(("state", "landed"), [("sent", 500), ("confirmed", 500), ("signed", None)])
def test_no_end_is_read_off_silence_while_the_message_is_not_final(books, state, landed):
    order, _ = books.order(state=state, landed=landed)
    books.hear(slot=1001)
    assert books.read(order).status == "pending"
    assert books.intent(order) == "open"


def test_an_account_older_than_the_message_says_nothing_about_its_order(books):
    order, _ = books.order(landed=2000)
    books.hear(slot=1001)
    assert books.read(order).status == "pending"


def test_a_record_takes_an_order_without_effect_back_to_open_and_on_to_filled(books):
    order, signature = books.order(size="2")
    books.hear(slot=1001)
    assert books.read(order).status == "no_effect"
    placing = transaction(placed(size="2"), signature=signature)
    books.hear(placing, orders=(resting(size="2"),))
    row = books.read(order)
    assert (row.status, row.status_reason, row.ended_at) == ("open", "", None)
    one = transaction(fill(size="1"), slot=501)
    books.hear(placing, one, orders=(resting(size="2", filled="1"),))
    assert books.read(order).status == "partially_filled"
    books.hear(placing, one, transaction(fill(size="1"), slot=502))
    assert books.read(order).status == "filled"
    assert books.intent(order) == "executed"


def test_an_order_without_effect_whose_end_is_recorded_later_says_why(books):
    order, signature = books.order()
    books.hear(slot=1001)
    books.hear(
        transaction(placed(), signature=signature),
        transaction(ended(reason="expired", why="venue.order_expired"), slot=501),
    )
    row = books.read(order)
    assert (row.status, row.status_reason) == ("expired", "venue.order_expired")


@pytest.mark.parametrize("status", ["no_effect", "not_executed"])
def test_a_fill_contradicts_every_end_that_was_read_off_silence(books, status):
    order, signature = books.order(status=status, status_reason="message.never_landed")
    books.hear(transaction(placed(), signature=signature), transaction(fill(), slot=501))
    row = books.read(order)
    assert (row.status, row.filled_size, row.status_reason) == ("filled", 1, "")


def test_where_the_log_was_cut_the_resting_order_tells_its_id_by_its_label(books):
    order, signature = books.order(label=9)
    books.hear(
        transaction(signature=signature, complete=False),
        orders=(resting("77", label=9),),
    )
    row = books.read(order)
    assert (row.status, row.venue_order_id) == ("open", "77")


@pytest.mark.parametrize(
    "other", [{"size": "5"}, {"direction": "sell"}, {"market": 1}, {"label": 8}]
)
def test_a_strangers_order_under_our_label_is_not_taken_for_ours(books, other):
    order, signature = books.order(label=9)
    books.hear(
        transaction(signature=signature, complete=False),
        orders=(resting("77", **{"label": 9} | other),),
    )
    row = books.read(order)
    assert (row.status, row.venue_order_id) == ("no_effect", None)


def test_one_resting_order_is_not_given_to_two_of_ours(books):
    known, signature = books.order(label=9)
    other, _ = books.order(label=9)
    books.hear(transaction(placed("77", label=9), signature=signature),
               orders=(resting("77", label=9),))  # fmt: skip
    assert books.read(known).venue_order_id == "77"
    assert books.read(other).venue_order_id is None


def test_a_known_order_that_is_gone_without_a_record_is_cancelled_by_the_accounts_word(books):
    order, signature = books.order()
    placing = transaction(placed(), signature=signature)
    books.hear(placing, orders=(resting(),))
    books.hear(placing)
    row = books.read(order)
    assert (row.status, row.status_reason) == ("cancelled", "venue.gone_from_account")


def test_an_account_report_older_than_what_is_booked_changes_nothing(books):
    order, signature = books.order()
    placing = transaction(placed(), signature=signature)
    books.hear(placing, orders=(resting(),), slot=2000)
    books.hear(placing, slot=1500, collateral=D(1))
    assert books.read(order).status == "open"
    account = books.read(books.account)
    assert (account.observed_slot, account.collateral) == (2000, 1000)


def test_two_of_our_users_in_one_match_have_a_fill_each(venue, market):
    buyer, seller = Books(venue, market), Books(venue, market)
    bought, signature = buyer.order()
    sold, other = seller.order(direction="sell", side="short")
    match = {"record": "one match"}
    buyer.hear(transaction(placed(), signature=signature), transaction(fill(**match), slot=501))
    seller.hear(
        transaction(placed(direction="sell"), signature=other),
        transaction(fill(direction="sell", is_maker=True, fee="-0.02", **match), slot=501),
    )
    assert (buyer.read(bought).status, seller.read(sold).status) == ("filled", "filled")
    assert [f.fee for f in buyer.fills() + seller.fills()] == [D("0.1"), D("-0.02")]
    assert [p.side for p in buyer.positions() + seller.positions()] == ["long", "short"]


def test_an_order_made_elsewhere_is_a_fill_without_an_order_of_ours(books):
    books.hear(transaction(fill("4711")))
    (one,) = books.fills()
    assert (one.order_id, one.origin) == (None, "external")
    assert books.positions()[0].size == 1
