"""Cancelling and modifying: once for a key, one at a time, ended by what the venue shows."""

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from chain.models import Submission
from chain.services.move_submission import move_submission
from core.errors import Conflict, NotFound, Refused
from core.roles import as_sync
from tests import factories
from tests.threads import all_at_once
from tests.trading.books import ended, fill, resting, transaction
from tests.trading.placing import (
    changes_of,
    is_placed,
    land,
    messages_of,
    orders_of,
    place,
    rests,
)
from trading.services import cancel_orders, list_fills, list_orders, modify_order, read_order
from trading.subjects.order_change import OrderChangeSubject
from trading.venues.reports import OrderPlaced, OrderReplaced
from trading.wishes import ChangeWish

D = Decimal


def limit(desk, key="one", *, size="1", price="99", **wish):
    return place(desk, key=key, size=D(size), order_type="limit", price=D(price), **wish)


def at_venue(desk, key="one", venue_id="1", **wish):
    """A limit order that rests; its row and what the venue has told so far."""
    limit(desk, key=key, **wish)
    order = orders_of(desk)[-1]
    history = desk.venue.histories.get(desk.address, [])
    history = [*history, transaction(is_placed(order, venue_id), signature=land(order.id))]
    report = desk.venue.reports.get(desk.address)
    others = report.orders if report else ()
    desk.hear(*history, orders=(*others, rests(order, venue_id)))
    return order, history


def cancel(desk, *order_ids, key="cancel", channel="telegram"):
    return cancel_orders(
        user_id=desk.wallet.user_id, channel=channel, key=key, order_ids=order_ids,
        now=timezone.now(),
    )  # fmt: skip


def modify(desk, order, key="modify", **change):
    return modify_order(
        user_id=desk.wallet.user_id, channel="telegram", key=key, order_id=order.id,
        change=ChangeWish(**change), now=timezone.now(),
    )  # fmt: skip


def test_a_limit_order_rests_until_it_is_cancelled_while_its_message_has_a_deadline(desk):
    limit(desk)
    [order] = orders_of(desk)
    assert (order.expires_at, order.price) == (None, D(99))
    assert order.deadline - order.created_at == timedelta(seconds=60)


def test_a_persons_expiry_is_the_venues_and_not_the_messages(desk):
    limit(desk, expires_in=timedelta(days=2))
    [order] = orders_of(desk)
    assert order.expires_at - order.created_at == timedelta(days=2)
    assert order.deadline - order.created_at == timedelta(seconds=60)


@pytest.mark.parametrize("kind", ["stop_market", "take_profit_market"])
def test_a_stop_cannot_expire_as_no_venue_would_take_it_off(desk, kind):
    with pytest.raises(Refused, match="stops_do_not_expire"):
        place(
            desk, key="one", size=D(1), order_type=kind, trigger_price=D(110),
            expires_in=timedelta(hours=2),
        )  # fmt: skip
    assert orders_of(desk) == []


def test_a_cancel_ends_with_the_orders_own_end(desk):
    order, history = at_venue(desk)
    change = cancel(desk, order.id)
    assert (change.status, change.progress) == ("pending", "placed")
    signature = land(change.id, slot=1200)
    desk.hear(*history, orders=(rests(order, "1"),), slot=1199)
    assert desk.read(order).status == "open"
    assert changes_of(desk)[0].status == "pending"
    desk.hear(*history, transaction(ended("1"), slot=1200, signature=signature), slot=1201)
    assert desk.read(order).status == "cancelled"
    assert changes_of(desk)[0].status == "done"


def test_a_cancel_that_landed_while_the_order_rests_on_is_told_as_no_effect(desk):
    order, history = at_venue(desk)
    change = cancel(desk, order.id)
    land(change.id, slot=700)
    desk.hear(*history, orders=(rests(order, "1"),), slot=1200)
    assert (changes_of(desk)[0].status_reason, desk.read(order).status) == (
        "change.no_effect", "open",
    )  # fmt: skip


def test_an_order_that_filled_before_its_cancel_stays_filled(desk):
    order, history = at_venue(desk)
    cancel(desk, order.id)
    desk.hear(*history, transaction(fill("1"), slot=650))
    assert desk.read(order).status == "filled"
    [change] = changes_of(desk)
    assert (change.status, change.status_reason) == ("not_executed", "order.ended_before_change")


def test_twenty_taps_at_once_cancel_once(desk):
    order, _ = at_venue(desk)
    outcomes = all_at_once(*[lambda: cancel(desk, order.id)] * 20)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert len({change.id for change in outcomes}) == 1
    assert len(changes_of(desk)) == 1


def test_another_key_for_an_order_that_is_being_cancelled_is_a_conflict(desk):
    order, _ = at_venue(desk)
    cancel(desk, order.id)
    for act in (lambda: cancel(desk, order.id, key="two"), lambda: modify(desk, order, size=D(2))):
        with pytest.raises(Conflict, match="change_under_way"):
            act()
    assert len(changes_of(desk)) == 1


def test_an_order_that_was_never_sent_ends_at_once_and_its_message_is_not_signed(desk):
    placed = limit(desk)
    change = cancel(desk, placed.id)
    [order] = orders_of(desk)
    assert (change.status, order.status, order.status_reason) == (
        "done", "not_executed", "order.cancelled_before_sent",
    )  # fmt: skip
    assert messages_of(change.id) == 0


def test_an_order_on_its_way_cannot_be_cancelled_yet(desk):
    placed = limit(desk)
    land(placed.id)
    with pytest.raises(Conflict, match="not_at_venue_yet"):
        cancel(desk, placed.id)
    assert changes_of(desk) == []


def test_anothers_order_is_not_found(desk):
    order, _ = at_venue(desk)
    stranger = factories.user()
    with pytest.raises(NotFound):
        cancel_orders(
            user_id=stranger.pk, channel="rest", key="c", order_ids=[order.id, uuid.uuid4()],
            now=timezone.now(),
        )  # fmt: skip
    assert changes_of(desk) == []


# Modifying.


def test_a_modified_order_gets_its_new_id_and_keeps_its_old_ones(desk):
    order, history = at_venue(desk)
    change = modify(desk, order, price=D("98.5"))
    assert desk.read(order).price == D(99)
    signature = land(change.id, slot=700)
    replaced = transaction(
        ended("1"), is_placed(order, "2", price=D("98.5")), slot=700, signature=signature
    )
    desk.hear(*history, replaced, orders=(rests(order, "2", price=D("98.5")),), slot=701, again=2)
    now = desk.read(order)
    assert (now.status, now.venue_order_id, now.price, now.size) == ("open", "2", D("98.5"), D(1))
    assert changes_of(desk)[0].status == "done"
    facts = read_order(user_id=desk.wallet.user_id, order_id=order.id)
    assert facts.venue_order_ids == ("1", "2")


def test_an_order_made_elsewhere_under_a_label_is_modified_and_told_as_done(desk):
    """A page of the venue's own labels its orders, and so does a desk that was restored since."""
    rested = replace(resting("41", label=7), order_type="limit")
    changed = replace(rested, venue_order_id="42", size=D(2))
    placing = transaction(OrderPlaced(event_index=1, order=rested), slot=500)
    desk.hear(placing, orders=(rested,))
    [order] = orders_of(desk)
    change = modify(desk, order, size=D(2))
    event = OrderReplaced(event_index=2, old_venue_order_id="41", order=changed)
    again = transaction(event, slot=1500, signature=land(change.id, slot=1500))
    desk.hear(placing, again, orders=(changed,), slot=1501, again=2)
    now = desk.read(order)
    assert (now.origin, now.status, now.venue_order_id, now.size) == ("external", "open", "42", 2)
    [told] = changes_of(desk)
    assert (told.status, told.status_reason) == ("done", "")


def test_a_fill_of_the_old_id_told_late_counts_and_does_not_fill_the_rest(desk):
    order, history = at_venue(desk, size="10")
    change = modify(desk, order, size=D(8))
    [submission] = _messages(change.id)
    assert submission.state == "queued"
    signature = land(change.id, slot=700)
    # The venue had filled 2 by then, of which the desk had not heard: 8 remain under the new id.
    replaced = transaction(ended("1"), is_placed(order, "2", size=D(8)), slot=700,
                           signature=signature)  # fmt: skip
    desk.hear(*history, replaced, orders=(rests(order, "2", size=D(8)),), slot=701)
    early = transaction(fill("1", size="2", record="a"), slot=690)
    late = transaction(fill("2", size="3", record="b"), slot=710)
    desk.forget_cursor()
    desk.hear(*history, early, replaced, late, orders=(rests(order, "2", size=D(8)),), slot=720)
    now = desk.read(order)
    assert (now.size, now.filled_size, now.status) == (D(10), D(5), "partially_filled")
    rest = transaction(fill("2", size="5", record="c"), slot=730)
    desk.hear(*history, early, replaced, late, rest, slot=740)
    assert (desk.read(order).status, desk.read(order).filled_size) == ("filled", D(10))


def test_fills_before_and_after_a_modify_are_booked_under_the_ids_of_their_time(desk):
    order, history = at_venue(desk, size="10")
    history.append(transaction(fill("1", size="2"), slot=650))
    desk.hear(*history, orders=(rests(order, "1"),))
    change = modify(desk, order, size=D(6))
    signature = land(change.id, slot=700)
    # Of the 4 that are to remain of it, one was filled under the old id before.
    history += [
        transaction(fill("1", size="1"), slot=690),
        transaction(ended("1"), is_placed(order, "2", size=D(4)), slot=700, signature=signature),
        transaction(fill("2", size="3"), slot=710),
    ]
    desk.hear(*history, orders=(rests(order, "2", size=D(4)),), slot=720)
    now = desk.read(order)
    assert (now.size, now.filled_size, now.status) == (D(7), D(6), "partially_filled")
    history.append(transaction(fill("2", size="1"), slot=730))
    desk.hear(*history, slot=740, again=1)
    assert (desk.read(order).status, desk.read(order).filled_size) == ("filled", D(7))
    told = [(row.venue_order_id, row.size) for row in sorted(desk.fills(), key=lambda f: f.slot)]
    assert told == [("1", 2), ("1", 1), ("2", 3), ("2", 1)]


def test_a_fill_of_the_old_id_told_after_the_order_is_filled_still_counts(desk):
    order, history = at_venue(desk, size="1")
    change = modify(desk, order, size=D(2))
    signature = land(change.id, slot=700)
    late = transaction(fill("1", size="0.5", fee="0.3"), slot=690)
    replaced = transaction(ended("1"), is_placed(order, "2", size=D(2)), slot=700,
                           signature=signature)  # fmt: skip
    told = [*history, replaced, transaction(fill("2", size="2", fee="0.1"), slot=710)]
    desk.hear(*told, slot=711)
    assert (desk.read(order).status, desk.read(order).filled_size) == ("filled", D(2))
    desk.forget_cursor()
    desk.hear(*history, late, *told[len(history) :], slot=712, again=1)
    now = desk.read(order)
    assert (now.status, now.size, now.filled_size) == ("filled", D("2.5"), D("2.5"))
    assert (now.total_fees, now.ended_at is None) == (D("0.4"), False)


def _messages(subject_id):
    with as_sync():
        return list(Submission.objects.filter(acts__subject_id=subject_id))


def test_a_cut_log_does_not_hide_the_new_id(desk):
    order, history = at_venue(desk)
    change = modify(desk, order, price=D("98.5"))
    land(change.id, slot=700)
    desk.hear(*history, orders=(rests(order, "2", price=D("98.5")),), slot=1300)
    now = desk.read(order)
    assert (now.status, now.venue_order_id, now.price) == ("open", "2", D("98.5"))
    assert changes_of(desk)[0].status == "done"


def test_while_a_modify_is_under_way_its_order_is_not_given_up(desk):
    order, history = at_venue(desk)
    modify(desk, order, price=D("98.5"))
    desk.hear(*history, orders=(rests(order, "2", price=D("98.5")),), slot=1300)
    assert desk.read(order).status == "open"


@pytest.mark.parametrize("state", ["failed", "expired", "abandoned"])
def test_a_modify_whose_message_comes_to_nothing_leaves_the_order_as_it_is(desk, state):
    order, _ = at_venue(desk)
    change = modify(desk, order, price=D("98.5"))
    with as_sync():
        [submission] = Submission.objects.filter(acts__subject_id=change.id)
        if state != "abandoned":
            Submission.objects.filter(pk=submission.pk).update(
                state="sent", signature="s", raw=b"x", last_valid_block_height=1
            )
            submission.refresh_from_db()
        error = {"chain": "6061"} if state == "failed" else None
        move_submission(submission, to=state, now=timezone.now(), error=error)
    [row] = changes_of(desk)
    assert (row.status, row.status_reason) == (
        "not_executed", "venue.said_no" if state == "failed" else "message.never_landed",
    )  # fmt: skip
    assert (desk.read(order).status, desk.read(order).price) == ("open", D(99))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"price": D("98.00001")}, "price_off_tick"),
        ({"size": D("0.001")}, "size_off_step"),
        ({"trigger_price": D(90)}, "change_does_not_fit"),
        ({}, "nothing_changes"),
        ({"price": D(150)}, "price_outside_band"),
        ({"size": D(1000)}, "collateral_too_small"),
    ],
)
def test_a_change_is_judged_by_the_rules_of_orders(desk, change, code):
    order, _ = at_venue(desk)
    with pytest.raises(Refused, match=code):
        modify(desk, order, **change)
    assert changes_of(desk) == []


def test_a_freeze_before_the_signing_stops_a_modify_and_lets_a_cancel_through(desk):
    order, _ = at_venue(desk)
    change = modify(desk, order, price=D("98.5"))
    other, _ = at_venue(desk, key="two", venue_id="9")
    gone = cancel(desk, other.id)
    with as_sync():
        User.objects.filter(pk=desk.wallet.user_id).update(frozen_at=timezone.now())
        subject = OrderChangeSubject()
        subject.guard(subject_id=gone.id, submission_id=gone.id, now=timezone.now())
        with pytest.raises(Refused, match="trading_halted"):
            subject.guard(subject_id=change.id, submission_id=change.id, now=timezone.now())


def test_lists_go_on_by_the_last_id(desk):
    for number in range(3):
        limit(desk, key=f"k{number}", size="0.05", price="98")
    user_id = desk.wallet.user_id
    first = list_orders(user_id=user_id, limit=2, open_only=True)
    rest = list_orders(user_id=user_id, limit=2, before=first[-1].id)
    ids = [order.id for order in (*first, *rest)]
    assert ids == [order.id for order in reversed(orders_of(desk))]


def test_fills_are_listed_with_price_and_fee(desk):
    order, history = at_venue(desk)
    desk.hear(*history, transaction(fill("1", size="0.4", price="99", fee="0.04"), slot=600),
              orders=(rests(order, "1"),))  # fmt: skip
    [told] = list_fills(user_id=desk.wallet.user_id, order_id=order.id)
    assert (told.size, told.price, told.fee, told.venue_order_id) == (
        D("0.4"), D(99), D("0.04"), "1",
    )  # fmt: skip
    assert list_fills(user_id=desk.wallet.user_id, before=told.id) == ()


def test_an_account_seen_before_the_modify_does_not_say_that_the_order_is_gone(desk):
    """The history is read after the account, and may know of an id that the account lacks."""
    order, history = at_venue(desk)
    change = modify(desk, order, price=D("98.5"))
    signature = land(change.id, slot=1500)
    replaced = transaction(
        ended("1"), is_placed(order, "2", price=D("98.5")), slot=1500, signature=signature
    )
    # A node that lags may show the same again, with the log read already.
    for slot in (1490, 1495):
        desk.hear(*history, replaced, orders=(rests(order, "1"),), slot=slot)
        now = desk.read(order)
        assert (now.status, now.venue_order_id) == ("open", "2")
    desk.hear(*history, replaced, slot=1499)
    assert desk.read(order).status == "open"
    desk.hear(*history, replaced, orders=(rests(order, "2", price=D("98.5")),), slot=1501)
    assert desk.read(order).status == "open"
    # From then on its word counts again.
    desk.hear(*history, replaced, slot=1502)
    assert desk.read(order).status_reason == "venue.gone_from_account"


def test_a_modify_that_a_fork_took_back_leaves_the_order_open(desk):
    order, history = at_venue(desk)
    change = modify(desk, order, price=D("98.5"))
    signature = land(change.id, slot=1500)
    replaced = transaction(
        ended("1"), is_placed(order, "2", price=D("98.5")), slot=1500, signature=signature
    )
    desk.hear(*history, replaced, orders=(rests(order, "2", price=D("98.5")),), slot=1501)
    desk.hear(*history, orders=(rests(order, "1"),), slot=1510)
    assert desk.read(order).status == "open"
