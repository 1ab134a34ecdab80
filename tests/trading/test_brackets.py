"""Stops go with their entry, their position and each other; none stays behind."""

from decimal import Decimal

import pytest
from django.utils import timezone

from core.errors import Conflict, Refused
from tests.threads import all_at_once
from tests.trading.books import ended, fill, position_state, transaction
from tests.trading.hand_venue import HAND
from tests.trading.placing import (
    changes_of,
    confirm,
    hold,
    is_placed,
    land,
    messages_of,
    orders_of,
    place,
    rests,
)
from trading.services import cancel_orders, read_order, set_stops

D = Decimal


def look(desk, *history, orders=(), held=None, slot=600):
    """The venue tells its whole history and what the account holds now."""
    positions = (position_state(size=held),) if held else ()
    desk.slot = max(desk.slot + 1, slot)
    desk.hear(*history, slot=desk.slot, orders=tuple(orders), positions=positions)


def bracket(desk, **wish):
    facts = place(desk, size=D(1), stop_loss=D(90), take_profit=D(120), **wish)
    return orders_of(desk), facts


def opened(desk):
    """A bracket whose entry has filled; its stops rest at the venue as 2 and 3."""
    (entry, stop, target), _ = bracket(desk)
    signature = land(entry.id)
    history = [
        transaction(
            is_placed(entry, "1"), is_placed(stop, "2"), is_placed(target, "3"),
            signature=signature,
        ),
        transaction(fill("1"), slot=510),
    ]  # fmt: skip
    look(desk, *history, orders=[rests(stop, "2"), rests(target, "3")], held="1")
    return entry, stop, target, history


def test_a_bracket_is_one_message_of_three_orders_and_one_intent(desk):
    (entry, stop, target), facts = bracket(desk)
    assert [child.role for child in facts.children] == ["stop_loss", "take_profit"]
    assert (stop.parent_id, target.parent_id) == (entry.id, entry.id)
    assert (stop.direction, stop.reduce_only, stop.trigger_price) == ("sell", True, D(90))
    assert (stop.order_type, target.order_type) == ("stop_market", "take_profit_market")
    assert (stop.expires_at, stop.price) == (None, None)
    assert len({order.venue_label for order in (entry, stop, target)}) == 3
    assert [messages_of(order.id) for order in (entry, stop, target)] == [1, 1, 1]


def test_the_ids_at_the_venue_are_shown(desk):
    entry, *_ = opened(desk)
    facts = read_order(user_id=desk.wallet.user_id, order_id=entry.id)
    assert facts.status == "filled"
    assert [(child.status, child.venue_order_ids) for child in facts.children] == [
        ("open", ("2",)), ("open", ("3",)),
    ]  # fmt: skip


def test_when_one_stop_fills_the_other_is_cancelled_once_however_often_it_is_looked_at(desk):
    _, stop, target, history = opened(desk)
    history.append(transaction(fill("2", direction="sell"), slot=520))
    for _ in range(3):
        look(desk, *history, orders=[rests(target, "3")])
    [change] = changes_of(desk)
    assert (change.kind, change.order_ids, change.status) == ("cancel", [str(target.id)], "pending")
    assert messages_of(change.id) == 1
    history.append(transaction(ended("3"), slot=900, signature=land(change.id, slot=900)))
    look(desk, *history, slot=901)
    assert desk.read(target).status == "cancelled"
    assert desk.read(change).status == "done"
    assert desk.intent(change) == "executed"
    assert desk.read(stop).status == "filled"


def test_when_the_position_is_closed_otherwise_both_stops_go_in_one_message(desk):
    _, stop, target, history = opened(desk)
    history.append(transaction(fill("77", direction="sell"), slot=520))
    look(desk, *history, orders=[rests(stop, "2"), rests(target, "3")])
    [change] = changes_of(desk)
    assert change.order_ids == sorted([str(stop.id), str(target.id)])


def test_two_workers_cancel_what_is_left_behind_once(desk):
    *_, history = opened(desk)
    history.append(transaction(fill("77", direction="sell"), slot=520))
    desk.venue.histories[desk.address] = history
    outcomes = all_at_once(*[desk.look] * 6)
    assert outcomes == [None] * 6
    assert len(changes_of(desk)) == 1


def test_a_position_that_flips_takes_its_stops_along(desk):
    _, stop, target, history = opened(desk)
    history.append(transaction(fill("77", direction="sell", size="3"), slot=520))
    look(desk, *history, orders=[rests(stop, "2"), rests(target, "3")])
    [change] = changes_of(desk)
    assert len(change.order_ids) == 2


def test_stops_of_an_entry_that_ends_unfilled_are_cancelled(desk):
    (entry, stop, target), _ = bracket(desk)
    signature = land(entry.id)
    history = [
        transaction(
            is_placed(entry, "1"), is_placed(stop, "2"), is_placed(target, "3"),
            signature=signature,
        ),
        transaction(ended("1", reason="expired"), slot=520),
    ]  # fmt: skip
    look(desk, *history, orders=[rests(stop, "2"), rests(target, "3")])
    assert desk.read(entry).status == "expired"
    [change] = changes_of(desk)
    assert len(change.order_ids) == 2


def test_stops_follow_the_part_that_was_filled(desk):
    (entry, stop, target), _ = bracket(desk)
    history = [
        transaction(
            is_placed(entry, "1"), is_placed(stop, "2"), is_placed(target, "3"),
            signature=land(entry.id),
        ),
        transaction(fill("1", size="0.4"), ended("1", reason="expired"), slot=520),
    ]  # fmt: skip
    for _ in range(3):
        look(desk, *history, orders=[rests(stop, "2"), rests(target, "3")], held="0.4")
    changes = changes_of(desk)
    assert [(change.kind, change.wanted) for change in changes] == [("modify", {"size": "0.4"})] * 2


def test_stops_of_a_resting_entry_wait_until_it_fills_and_then_have_its_size(desk):
    (entry, stop, _), facts = bracket(desk, order_type="limit", price=D(99))
    assert [child.progress for child in facts.children] == ["waiting", "waiting"]
    assert [messages_of(order.id) for order in orders_of(desk)] == [1, 0, 0]
    history = [transaction(is_placed(entry, "1"), signature=land(entry.id))]
    look(desk, *history, orders=[rests(entry, "1")])
    assert messages_of(stop.id) == 0
    history.append(transaction(fill("1", size="0.3"), slot=520))
    for _ in range(3):
        look(desk, *history, orders=[rests(entry, "1")], held="0.3")
    assert [messages_of(order.id) for order in orders_of(desk)] == [1, 1, 1]
    assert [order.size for order in orders_of(desk)] == [D(1), D("0.3"), D("0.3")]


def test_stops_that_wait_end_with_an_entry_that_never_fills(desk):
    (entry, *_), _ = bracket(desk, order_type="limit", price=D(99))
    history = [
        transaction(is_placed(entry, "1"), signature=land(entry.id)),
        transaction(ended("1"), slot=520),
    ]
    look(desk, *history)
    assert [(order.status, order.status_reason) for order in orders_of(desk)[1:]] == [
        ("not_executed", "order.entry_unfilled")
    ] * 2
    assert changes_of(desk) == []


def test_a_new_entry_is_refused_while_orphaned_stops_rest(desk):
    _, stop, target, history = opened(desk)
    history.append(transaction(fill("77", direction="sell"), slot=520))
    look(desk, *history, orders=[rests(stop, "2"), rests(target, "3")])
    with pytest.raises(Refused, match=r"risk\.orphaned_stops"):
        place(desk, key="two", size=D(1))


def test_an_entry_whose_stops_wait_is_cancelled_with_them_before_it_was_sent(desk):
    (entry, *_), _ = bracket(desk)
    facts = cancel_orders(
        user_id=desk.wallet.user_id, channel="telegram", key="c",
        order_ids=[order.id for order in orders_of(desk)], now=timezone.now(),
    )  # fmt: skip
    assert facts.status == "done"
    assert {order.status for order in orders_of(desk)} == {"not_executed"}
    assert desk.intent(entry) == "not_executed"


@pytest.mark.parametrize(
    ("wish", "rule"),
    [
        ({"stop_loss": D(101)}, "stop_on_wrong_side"),
        ({"take_profit": D(99)}, "target_on_wrong_side"),
        ({"side": "short", "stop_loss": D(99)}, "stop_on_wrong_side"),
        ({"order_type": "limit", "price": D(95), "stop_loss": D(96)}, "stop_on_wrong_side"),
    ],
)
def test_a_bracket_lies_around_its_entry(desk, wish, rule):
    with pytest.raises(Refused, match=rule):
        place(desk, size=D(1), **wish)
    assert orders_of(desk) == []


# Stops on a position.


def guard(desk, key="stops", **prices):
    named = {"stop_loss": None, "take_profit": None}
    return set_stops(
        user_id=desk.wallet.user_id, channel="telegram", key=key, deployment=HAND, symbol="sol",
        now=timezone.now(), **named | prices,
    )  # fmt: skip


def held(desk):
    look(desk, transaction(fill("external")), held="1")


def test_stops_are_set_on_a_position_in_one_message_and_once_for_their_key(desk):
    held(desk)
    facts = guard(desk, stop_loss=D(90), take_profit=D(120))
    again = guard(desk, stop_loss=D(90), take_profit=D(120))
    assert (facts.id, facts.kind, facts.status) == (again.id, "stops", "done")
    stop, target = orders_of(desk)
    assert [order.id for order in facts.orders] == [stop.id, target.id]
    assert (stop.size, stop.reduce_only, stop.guards_position_id) == (
        D(1), True, desk.positions()[0].id,
    )  # fmt: skip
    assert [messages_of(order.id) for order in (stop, target)] == [1, 1]
    with pytest.raises(Conflict):
        guard(desk, stop_loss=D(91))


def test_a_stop_that_rests_already_is_moved(desk):
    held(desk)
    guard(desk, stop_loss=D(90))
    [stop] = orders_of(desk)
    history = [
        transaction(fill("external", record="f0")),
        transaction(is_placed(stop, "2"), signature=land(stop.id)),
    ]
    history[0] = desk.venue.histories[desk.address][0]
    look(desk, *history, orders=[rests(stop, "2")], held="1")
    facts = guard(desk, key="again", stop_loss=D(95))
    assert facts.orders[0].id == stop.id
    [change] = changes_of(desk, kind="modify")
    assert (change.wanted, change.parent_id) == ({"trigger_price": "95"}, facts.id)
    assert len(orders_of(desk)) == 1


def test_a_stop_on_a_position_covers_all_of_it_and_replaces_the_brackets_once_it_rests(desk):
    _, stop, target, history = opened(desk)
    history.append(transaction(fill("external"), slot=520))
    look(desk, *history, orders=[rests(stop, "2"), rests(target, "3")], held="2")
    facts = guard(desk, stop_loss=D(95))
    guarding = orders_of(desk)[-1]
    assert (facts.orders[0].id, guarding.size, guarding.trigger_price) == (guarding.id, D(2), D(95))
    # As long as nothing else rests, the old one does.
    look(desk, *history, orders=[rests(stop, "2"), rests(target, "3")], held="2")
    assert changes_of(desk, kind="cancel") == []
    history.append(transaction(is_placed(guarding, "9"), signature=land(guarding.id), slot=530))
    resting = [rests(stop, "2"), rests(target, "3"), rests(guarding, "9")]
    for _ in range(3):
        look(desk, *history, orders=resting, held="2")
    [change] = changes_of(desk, kind="cancel")
    assert change.order_ids == [str(stop.id)]


def test_a_stop_is_moved_with_the_size_that_the_position_has_grown_to(desk):
    held(desk)
    guard(desk, stop_loss=D(90))
    [stop] = orders_of(desk)
    history = [
        *desk.venue.histories[desk.address],
        transaction(is_placed(stop, "2"), signature=land(stop.id)),
        transaction(fill("external too"), slot=520),
    ]
    look(desk, *history, orders=[rests(stop, "2")], held="2")
    guard(desk, key="again", stop_loss=D(95))
    [change] = changes_of(desk, kind="modify")
    assert change.wanted == {"trigger_price": "95", "size": "2"}


def test_a_stop_that_waits_for_another_entry_guards_no_position(desk):
    held(desk)
    (_, waiting, _), _ = bracket(desk, order_type="limit", price=D(99))
    guard(desk, stop_loss=D(95))
    guarding = orders_of(desk)[-1]
    assert (guarding.size, guarding.trigger_price) == (D(1), D(95))
    assert desk.read(waiting).trigger_price == D(90)


@pytest.mark.parametrize(
    ("prices", "code"),
    [
        ({"stop_loss": D(101)}, "trigger_on_wrong_side"),
        ({"take_profit": D(99)}, "trigger_on_wrong_side"),
        ({"stop_loss": D("90.00001")}, "price_off_tick"),
        ({}, "nothing_changes"),
    ],
)
def test_a_stop_that_would_go_off_at_once_is_refused(desk, prices, code):
    held(desk)
    with pytest.raises(Refused, match=code):
        guard(desk, **prices)
    assert orders_of(desk) == []


def test_no_stop_is_set_without_a_position(desk):
    hold(desk, size="0")
    with pytest.raises(Refused, match="no_position"):
        guard(desk, stop_loss=D(90))
    assert confirm(desk, size=D(1)).size == 1
