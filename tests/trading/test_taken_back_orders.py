"""What a fork takes back of resting orders: placed, cancelled, modified; the chain has the word."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from audit.models import AuditLog
from chain.models import Submission
from core.roles import as_sync
from tests.trading.books import (
    ended,
    fill,
    moment,
    placed,
    position_state,
    replaced,
    resting,
    transaction,
)
from tests.trading.forks import (
    at_venue,
    cancel,
    confirm,
    end,
    modify,
    unsent_name,
    young,
    young_moves,
)
from tests.trading.placing import changes_of, hold, orders_of
from trading.models import VenueOrderId
from trading.services import carry_on_plans, panic, reconcile_wanted

D = Decimal


@pytest.fixture
def slot(chain):
    """One that is final by far."""
    chain.advance(200)
    return chain.rpc("getSlot", {"commitment": "finalized"}) - 100


@pytest.mark.parametrize(
    ("state", "status", "intent"),
    [
        ("confirmed", "pending", "open"),
        ("failed", "failed", "not_executed"),
        ("expired", "not_executed", "not_executed"),
    ],
)
def test_an_order_whose_placing_is_gone_is_where_its_message_is(books, slot, state, status, intent):
    order, _ = books.order(state="sent", landed=None)
    signature = confirm(order.id, slot)
    books.hear(young(signature, slot, placed()), slot=slot, orders=(resting(),))
    assert (books.read(order).status, books.read(order).venue_order_id) == ("open", "1")
    with as_sync():
        Submission.objects.filter(signature=signature).update(state=state)

    books.hear(slot=slot + 40, again=2)

    row = books.read(order)
    assert (row.status, row.venue_order_id) == (status, None)
    assert books.intent(order) == intent
    assert (orders_of(books), young_moves()) == ([row], 0)


def test_an_order_that_is_in_another_slot_after_a_fork_has_the_id_that_it_got_there(books, slot):
    order, _ = books.order(state="sent", landed=None)
    signature = confirm(order.id, slot)
    books.hear(young(signature, slot, placed("1")), slot=slot, orders=(resting("1"),))

    again = young(signature, slot + 3, placed("2"))
    books.hear(again, slot=slot + 4, orders=(resting("2"),), again=1)

    row = books.read(order)
    assert (row.status, row.venue_order_id, books.intent(order)) == ("open", "2", "open")
    # Nobody else has placed one.
    assert orders_of(books) == [row]
    # A node that lags is not believed to have undone it.
    books.hear(young(signature, slot, placed("1")), slot=slot + 4, orders=(resting("1"),))
    assert books.read(order).venue_order_id == "2"
    books.hear(replace(again, finalized=True), slot=slot + 40, orders=(resting("2"),))
    assert (books.read(order).status, young_moves()) == ("open", 0)


def test_an_order_whose_cancel_is_gone_rests_again_until_the_cancel_lands(books, slot):
    order, history = at_venue(books, slot)
    change, cancelled = cancel(books, order, slot)
    books.hear(*history, cancelled, slot=slot)
    assert (books.read(order).status, changes_of(books)[0].status) == ("cancelled", "done")

    books.hear(*history, slot=slot + 40, orders=(resting(),), again=1)

    row = books.read(order)
    assert (row.status, row.ended_at, row.venue_order_id) == ("open", None, "1")
    [undone] = changes_of(books)
    assert (undone.status, undone.ended_at) == ("pending", None)
    assert (books.intent(order), books.intent(change)) == ("open", "open")

    later = replace(cancelled, slot=slot + 50, finalized=True)
    books.hear(*history, later, slot=slot + 51)

    assert (books.read(order).status, changes_of(books)[0].status) == ("cancelled", "done")
    assert (books.intent(order), books.intent(change)) == ("not_executed", "executed")
    assert young_moves() == 0


def test_a_plan_one_of_whose_cancels_is_gone_is_carried_on_until_it_lands(books, slot):
    _, history = at_venue(books, slot)
    plan = panic(user_id=books.wallet.user_id, channel="telegram", key="panic", now=timezone.now())
    later = plan.created_at + timedelta(seconds=20)
    [part] = plan.changes
    cancelled = young(confirm(part.id, slot), slot, ended(why="venue.cancelled_by_owner"))
    books.hear(*history, cancelled, slot=slot)
    carry_on_plans(now=later)
    assert _plan(books, plan) == ("done", "executed")

    books.hear(*history, slot=slot + 40, orders=(resting(),), again=1)
    assert _plan(books, plan) == ("pending", "open")
    carry_on_plans(now=later)
    assert _plan(books, plan) == ("pending", "open")

    books.hear(*history, replace(cancelled, slot=slot + 50, finalized=True), slot=slot + 51)
    carry_on_plans(now=later)
    assert _plan(books, plan) == ("done", "executed")
    assert len(changes_of(books)) == 2


def test_a_plan_whose_close_a_fork_took_back_closes_again(desk, slot):
    """The fill of its close is gone, and the close has ended by its time since."""
    hold(desk)
    plan = panic(user_id=desk.wallet.user_id, channel="telegram", key="panic", now=timezone.now())
    later = plan.created_at + timedelta(seconds=20)
    [close] = orders_of(desk)
    signature = confirm(close.id, slot)
    label = {"label": close.venue_label, "direction": "sell"}
    first = young(signature, slot, placed(**label), finalized=True)
    filled = young(unsent_name(), slot + 1, fill(direction="sell"))
    desk.hear(first, filled, slot=slot + 2)
    with as_sync():
        Submission.objects.filter(signature=signature).update(state="finalized")
    carry_on_plans(now=later)
    assert (_plan(desk, plan), desk.read(close).status) == (("done", "executed"), "filled")

    expired = transaction(ended(reason="expired"), slot=slot + 30)
    desk.hear(first, expired, slot=slot + 40, positions=(position_state(),))
    assert _plan(desk, plan) == ("pending", "open")
    assert desk.read(close).status == "expired"
    carry_on_plans(now=later)

    assert [row.status for row in orders_of(desk)] == ["expired", "pending"]


def _plan(books, plan):
    [row] = [each for each in changes_of(books) if each.id == plan.id]
    return row.status, books.intent(row)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_cancel_that_was_dropped_and_is_dead_was_never_done(books, slot, is_first):
    """Whichever is noticed first: that the message is dead, or that its records are gone."""
    order, history = at_venue(books, slot)
    change, cancelled = cancel(books, order, slot)
    books.hear(*history, cancelled, slot=slot)
    if is_first:
        end(change.id, "expired")
        assert books.read(order).status == "open"
    books.hear(*history, slot=slot + 40, orders=(resting(),))
    if not is_first:
        end(change.id, "expired")

    [undone] = changes_of(books)
    assert (undone.status, undone.status_reason) == ("not_executed", "message.never_landed")
    assert (books.read(order).status, books.intent(order)) == ("open", "open")
    assert books.intent(change) == "not_executed"
    assert young_moves() == 0


def test_an_order_whose_modify_is_gone_has_its_old_terms_until_the_modify_lands(books, slot):
    order, history = at_venue(books, slot)
    change, modified = modify(books, order, slot)
    new = replace(resting("2"), price=D(99))
    books.hear(*history, modified, slot=slot, orders=(new,))
    row = books.read(order)
    assert (row.venue_order_id, row.price) == ("2", D(99))

    books.hear(*history, slot=slot + 40, orders=(resting(),), again=1)

    row = books.read(order)
    assert (row.status, row.venue_order_id, row.price, row.size) == ("open", "1", D(101), D(1))
    assert (changes_of(books)[0].status, books.intent(change)) == ("pending", "open")
    with as_sync():
        assert not VenueOrderId.objects.filter(venue_order_id="2").exists()
    # Another order was quicker there: the same message makes another id.
    again = young(modified.signature, slot + 50, replaced("1", "3", price="99"), finalized=True)
    books.hear(*history, again, slot=slot + 51, orders=(replace(new, venue_order_id="3"),))
    books.hear(*history, again, transaction(fill("3"), slot=slot + 60), slot=slot + 61)

    row = books.read(order)
    assert (row.status, row.venue_order_id, row.price, row.filled_size) == ("filled", "3", 99, 1)
    assert changes_of(books)[0].status == "done"
    assert (books.intent(order), books.intent(change)) == ("executed", "executed")


def test_a_modify_and_the_cancel_after_it_go_back_as_one(books, slot):
    order, history = at_venue(books, slot)
    _, modified = modify(books, order, slot)
    books.hear(*history, modified, slot=slot, orders=(resting("2"),))
    gone = young(unsent_name(), slot + 1, ended("2", why="venue.order_expired"))
    books.hear(*history, modified, gone, slot=slot + 1)
    assert books.read(order).status == "cancelled"

    books.hear(*history, slot=slot + 40, orders=(resting("1"),), again=1)

    row = books.read(order)
    assert (row.status, row.venue_order_id, row.price) == ("open", "1", D(101))
    assert (books.intent(order), young_moves()) == ("open", 0)


def test_what_was_filled_for_good_stays_when_an_end_is_taken_back(books, slot):
    order, history = at_venue(books, slot, size="2")
    part = transaction(fill(size="1", fee="0"), slot=slot - 10)
    gone = young(unsent_name(), slot, ended(reason="expired"))
    books.hear(*history, part, gone, slot=slot)
    assert (books.read(order).status, books.intent(order)) == ("expired", "executed")

    books.hear(*history, part, slot=slot + 40, orders=(resting(size="2", filled="1"),))

    row = books.read(order)
    assert (row.status, row.filled_size, row.ended_at) == ("partially_filled", 1, None)
    assert books.intent(order) == "open"


def test_an_order_made_elsewhere_that_a_fork_took_back_was_never_there(books, slot):
    books.hear(young(unsent_name(), slot, placed("77")), slot=slot, orders=(resting("77"),))
    [adopted] = orders_of(books)
    assert (adopted.status, adopted.origin) == ("open", "external")

    books.hear(slot=slot + 40)

    assert [row.status for row in orders_of(books)] == ["no_effect"]
    other = transaction(placed("77"), slot=slot + 50)
    books.hear(other, slot=slot + 51, orders=(resting("77"),))
    assert [row.status for row in orders_of(books)] == ["no_effect", "open"]


def test_an_end_that_only_the_account_told_of_is_taken_back_by_the_account(books, slot):
    order, history = at_venue(books, slot)
    change, _ = cancel(books, order, slot)
    books.hear(*history, slot=slot)
    assert books.read(order).status_reason == "venue.gone_from_account"
    assert changes_of(books)[0].status == "done"

    books.hear(*history, slot=slot + 5, orders=(resting(),))

    assert (books.read(order).status, books.intent(order)) == ("open", "open")
    assert (changes_of(books)[0].status, books.intent(change)) == ("pending", "open")


def test_what_is_final_keeps_no_note_of_how_it_was(books, slot):
    order, history = at_venue(books, slot)
    _, modified = modify(books, order, slot)
    new = (resting("2"),)
    books.hear(*history, modified, slot=slot, orders=new)
    assert young_moves() == 1
    books.hear(*history, replace(modified, finalized=True), slot=slot + 40, orders=new)
    assert young_moves() == 0
    books.hear(slot=slot + 80, orders=new)
    assert books.read(order).venue_order_id == "2"


def test_a_message_that_is_on_its_way_again_takes_its_order_with_it(books, slot):
    order, _ = books.order(state="sent", landed=None)
    signature = confirm(order.id, slot)
    books.hear(young(signature, slot, placed()), slot=slot, orders=(resting(),))

    end(order.id, "sent")

    row = books.read(order)
    assert (row.status, row.venue_order_id, books.intent(order)) == ("pending", None, "open")
    with as_sync():
        told = AuditLog.objects.filter(resource_id=str(order.id), action="order.message_sent")
        assert told.count() == 1
        assert Submission.objects.get(signature=signature).state == "sent"
    books.hear(young(signature, slot + 9, placed("4")), slot=slot + 9, orders=(resting("4"),))
    assert (books.read(order).status, books.read(order).venue_order_id) == ("open", "4")


def test_an_order_that_is_filled_for_good_stays_so_whatever_is_said_of_its_message(books, slot):
    """Both nodes hid the status of its message; its fill was final already."""
    order, _ = books.order(state="sent", landed=None)
    signature = confirm(order.id, slot)
    filled = transaction(fill(), slot=slot + 1)
    books.hear(young(signature, slot, placed()), filled, slot=slot + 2)
    assert (books.read(order).status, young_moves()) == ("filled", 1)

    end(order.id, "sent", confirmed_at=None, landed_slot=None)
    books.hear(filled, slot=slot + 40)

    row = books.read(order)
    assert (row.status, row.venue_order_id, row.filled_size) == ("filled", "1", 1)
    assert (books.intent(order), young_moves()) == ("executed", 0)


def test_an_order_whose_placing_and_fill_are_dropped_one_after_the_other(books, slot):
    order, _ = books.order(state="sent", landed=None)
    signature = confirm(order.id, slot)
    filled = young(unsent_name(), slot + 1, fill())
    books.hear(young(signature, slot, placed()), filled, slot=slot + 2)

    books.hear(filled, slot=slot + 40)
    assert (books.read(order).status, books.intent(order)) == ("filled", "executed")
    books.hear(slot=slot + 41)

    row = books.read(order)
    assert (row.status, row.venue_order_id, row.filled_size) == ("pending", None, 0)
    assert (books.intent(order), books.fills()) == ("open", [])
    end(order.id, "expired")
    assert (books.read(order).status, books.intent(order)) == ("not_executed", "not_executed")


def test_an_order_that_is_filled_whole_and_called_open_ends(books, slot):
    """However it came to that: the account does not hold it, and its fills are all there."""
    order, history = at_venue(books, slot)
    state = position_state()
    filled = transaction(fill(fee="0"), slot=slot)
    books.hear(*history, filled, slot=slot + 1, bytes_hash="same", positions=(state,))
    for columns in ({}, {"venue_order_id": None}):
        with as_sync():
            rows = type(order)._default_manager.filter(pk=order.pk)
            rows.update(status="partially_filled", ended_at=None, **columns)
        found = reconcile_wanted(now=moment(601), only=[books.account.pk])
        assert found["booked"] == 1
        row = books.read(order)
        assert (row.status, books.intent(order)) == ("filled", "executed")
        assert row.ended_at == row.filled_at


def test_an_order_that_was_dropped_and_is_dead_is_signed_anew_where_the_proof_allows(books, slot):
    order, _ = books.order(state="sent", landed=None)
    deadline = timezone.now() + timedelta(hours=1)
    signature = confirm(order.id, slot)
    with as_sync():
        Submission.objects.filter(signature=signature).update(deadline=deadline)
        type(order)._default_manager.filter(pk=order.pk).update(
            deadline=deadline, metadata={"priority_fee_cap": "0.001"}
        )
    books.hear(young(signature, slot, placed()), slot=slot, orders=(resting(),))

    end(order.id, "expired", last_proof={"second_provider": "agrees"})

    with as_sync():
        messages = Submission.objects.filter(acts__subject_id=order.id).order_by("attempt")
        assert [row.state for row in messages] == ["expired", "queued"]
    assert (books.read(order).status, books.intent(order)) == ("pending", "open")
