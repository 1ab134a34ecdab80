"""Cancel all, close all, panic; freezing; the states of desk, venue, market and person."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Intent, User
from audit.models import AuditLog
from chain.models import Submission
from core.errors import Conflict, NotFound, Refused
from core.roles import as_sync
from drift.models import DriftOrder
from tests.threads import all_at_once
from tests.trading.books import position_state
from tests.trading.hand_venue import HAND, empty_report
from tests.trading.placing import changes_of, hold, orders_of, place
from tests.trading.test_changes import at_venue, cancel, limit
from trading.models import TradingStateRow
from trading.services import (
    cancel_all_orders,
    carry_on_plans,
    close_all_positions,
    freeze_user,
    panic,
    preview_order,
    set_trading_state,
    unfreeze_user,
)
from trading.wishes import OrderWish

D = Decimal


def do(act, desk, key="all", **more):
    return act(user_id=desk.wallet.user_id, channel="telegram", key=key, now=timezone.now(), **more)


def test_cancel_all_is_one_message_for_all_orders_of_a_venue(desk):
    at_venue(desk)
    at_venue(desk, key="two", venue_id="2")
    facts = do(cancel_all_orders, desk)
    assert (facts.kind, facts.status) == ("cancel_all", "done")
    [part] = facts.changes
    assert len(part.order_ids) == 2
    assert do(cancel_all_orders, desk).id == facts.id


def test_cancel_all_with_nothing_to_cancel_says_so(desk):
    facts = do(cancel_all_orders, desk)
    assert (facts.status, facts.reason) == ("not_executed", "change.nothing_to_do")


def test_close_all_closes_each_position_once(desk):
    hold(desk)
    outcomes = all_at_once(*[lambda: do(close_all_positions, desk)] * 8)
    assert len({facts.id for facts in outcomes}) == 1
    [order] = orders_of(desk)
    assert (order.reduce_only, order.size, order.direction) == (True, D(1), "sell")


def test_panic_cancels_and_closes_and_says_what_it_did(desk):
    entry, _ = at_venue(desk)
    desk.venue.reports[desk.address] = empty_report(
        desk.address, positions=(position_state(size="2"),)
    )
    facts = do(panic, desk)
    # Until the entry is gone it may still fill, and what it opens has to be closed too.
    assert facts.status == "pending"
    assert facts.changes[0].order_ids == (entry.id,)
    [close] = [order for order in facts.orders if order.reduce_only]
    assert (close.size, close.direction) == (D(2), "sell")
    with as_sync():
        assert Intent.objects.filter(user=desk.wallet.user, channel="system").count() == 2


def test_what_an_entry_opened_while_panic_cancelled_it_is_closed_as_well(desk):
    entry, _ = at_venue(desk)
    hold(desk)
    facts = do(panic, desk)
    assert facts.status == "pending"
    later = facts.created_at + (facts.deadline - facts.created_at) / 2
    with as_sync():
        DriftOrder.objects.filter(pk=entry.id).update(status="filled")
        DriftOrder.objects.filter(reduce_only=True).update(status="filled")
    # The close has filled, and the entry has too: its position is still there.
    carry_on_plans(now=later)
    assert len(orders_of(desk, reduce_only=True)) == 2
    desk.venue.reports[desk.address] = empty_report(desk.address)
    with as_sync():
        DriftOrder.objects.filter(reduce_only=True).update(status="filled")
    carry_on_plans(now=later)
    assert do(panic, desk).status == "done"


def test_an_entry_on_its_way_keeps_a_panic_waiting_until_it_can_be_cancelled(desk):
    order = limit(desk)
    with as_sync():
        Submission.objects.filter(acts__subject_id=order.id).update(
            state="sent", signature="s", raw=b"r", last_valid_block_height=1
        )
    facts = do(panic, desk)
    assert facts.status == "pending"
    assert [refusal.rule for refusal in facts.refusals] == ["order.not_at_venue_yet"]


def test_what_panic_could_not_do_is_told_and_carried_on_while_there_is_time(desk):
    limit(desk)
    hold(desk)
    desk.venue.is_down = True
    facts = do(panic, desk)
    assert facts.status == "pending"
    assert [refusal.rule for refusal in facts.refusals] == ["chain.unavailable"]
    assert orders_of(desk)[0].status == "not_executed"
    desk.venue.is_down = False
    later = facts.created_at + (facts.deadline - facts.created_at) / 2
    for _ in range(2):
        carry_on_plans(now=later)
    facts = do(panic, desk)
    assert (facts.status, facts.refusals) == ("done", ())
    assert len(orders_of(desk, reduce_only=True)) == 1


def test_a_panic_left_by_a_process_whose_clock_is_ahead_is_carried_on_at_once(desk):
    hold(desk)
    desk.venue.is_down = True
    ahead = timezone.now() + timedelta(minutes=2)
    panic(user_id=desk.wallet.user_id, channel="telegram", key="all", now=ahead)
    desk.venue.is_down = False
    carry_on_plans(now=timezone.now())
    assert len(orders_of(desk, reduce_only=True)) == 1


def test_a_panic_past_its_deadline_places_nothing_more(desk):
    hold(desk)
    desk.venue.is_down = True
    facts = do(panic, desk)
    desk.venue.is_down = False
    carry_on_plans(now=facts.deadline + (facts.deadline - facts.created_at))
    facts = do(panic, desk)
    assert (facts.status, facts.reason) == ("not_executed", "change.deadline_passed")
    assert orders_of(desk) == []


def test_a_key_of_an_order_is_no_key_of_a_panic(desk):
    limit(desk, key="all")
    with pytest.raises(Conflict):
        do(panic, desk)


def test_a_flip_closes_and_opens_as_much_on_the_other_side(desk):
    hold(desk, size="0.6")
    facts = place(desk, side="short", flip=True)
    assert (facts.size, facts.direction, facts.reduce_only) == (D("1.2"), "sell", False)
    with pytest.raises(Refused, match="nothing_to_flip"):
        place(desk, key="two", side="long", flip=True)


# What a venue cannot.


@pytest.mark.parametrize(
    ("lacks", "wish"),
    [
        ("stop_limit", {"order_type": "stop_limit", "price": D(105), "trigger_price": D(104)}),
        ("post_only", {"order_type": "limit", "price": D(99), "post_only": True}),
        ("oracle_offset", {"order_type": "limit", "oracle_offset": D(-1)}),
        ("stop_market", {"stop_loss": D(90)}),
    ],
)
def test_what_the_venue_has_no_instruction_for_is_refused_with_its_reason(desk, lacks, wish):
    desk.venue.capabilities = desk.venue.capabilities - {lacks}
    with pytest.raises(Refused) as caught:
        place(desk, size=D(1), **wish)
    assert caught.value.code == "order.type_not_supported"
    assert caught.value.params["type"] == lacks
    assert orders_of(desk) == []


@pytest.mark.parametrize(
    "wish",
    [
        {"order_type": "limit", "price": D(99)},
        {"order_type": "limit", "price": D(99), "post_only": True},
        {"order_type": "limit", "price": D(101), "immediate_or_cancel": True},
        {"order_type": "limit", "oracle_offset": D(-1)},
        {"order_type": "stop_market", "trigger_price": D(105)},
        {"order_type": "stop_limit", "trigger_price": D(105), "price": D(106)},
        {"order_type": "take_profit_market", "trigger_price": D(95)},
        {"order_type": "take_profit_limit", "trigger_price": D(95), "price": D(94)},
        {"immediate_or_cancel": True},
    ],
)
def test_every_kind_of_order_is_placed_as_it_was_asked(desk, wish):
    facts = place(desk, size=D(1), **wish)
    [order] = orders_of(desk)
    for name, value in wish.items():
        assert getattr(order, name) == value
    assert facts.order_type == wish.get("order_type", "market")
    is_taker = wish.get("immediate_or_cancel", False)
    assert (order.expires_at == order.deadline) == is_taker


def test_a_post_only_order_that_may_cross_is_warned_of(desk):
    wish = OrderWish(deployment=HAND, symbol="sol", side="long", size=D(1), order_type="limit",
                     price=D(101), post_only=True)  # fmt: skip
    shown = preview_order(user_id=desk.wallet.user_id, wish=wish, now=timezone.now())
    assert shown.denials == ()
    assert [warning.rule for warning in shown.warnings] == ["post_only_may_cross"]


# Freezing.


def test_a_freeze_cancels_entries_keeps_stops_and_lets_closes_through(desk):
    entry, _ = at_venue(desk)
    unsent = limit(desk, key="unsent")
    freeze_user(user_id=desk.wallet.user_id, now=timezone.now())
    freeze_user(user_id=desk.wallet.user_id, now=timezone.now())
    [change] = changes_of(desk)
    assert set(change.order_ids) == {str(entry.id), str(unsent.id)}
    assert desk.read(orders_of(desk)[1]).status == "not_executed"
    with pytest.raises(Refused, match="frozen_by_you"):
        limit(desk, key="more")
    hold(desk)
    close = place(desk, key="close", percent=D(100))
    assert close.status == "pending"
    with pytest.raises(Refused, match="frozen"):
        cancel(desk, close.id)
    unfreeze_user(user_id=desk.wallet.user_id, now=timezone.now())
    assert limit(desk, key="again").status == "pending"
    with pytest.raises(Refused, match="not_frozen"):
        unfreeze_user(user_id=desk.wallet.user_id, now=timezone.now())


def test_unfreezing_leaves_what_staff_has_set(desk):
    user_id = desk.wallet.user_id
    freeze_user(user_id=user_id, now=timezone.now())
    _set("user", str(user_id), "reduce_only")
    unfreeze_user(user_id=user_id, now=timezone.now())
    with pytest.raises(Refused, match="reduce_only_state"):
        limit(desk)


def _set(scope, key, state, reason="because"):
    set_trading_state(
        scope=scope, key=key, state=state, reason=reason, actor_id=uuid.uuid4(),
        now=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("scope", ["desk", "venue", "market"])
def test_a_state_is_kept_with_its_reason_and_an_audit_row(desk, scope):
    key = {"desk": "", "venue": HAND, "market": f"{HAND}:SOL-PERP"}[scope]
    _set(scope, key, "halted")
    with pytest.raises(Refused, match="trading_halted"):
        limit(desk)
    _set(scope, key, "active", reason="over")
    assert limit(desk).status == "pending"
    with as_sync():
        row = TradingStateRow.objects.get()
        told = AuditLog.objects.filter(action="trading_state.set").order_by("id")
        assert (row.state, row.reason) == ("active", "over")
        assert [each.new_values["state"] for each in told] == ["halted", "active"]
        assert told[1].old_values["reason"] == "because"


@pytest.mark.parametrize(
    ("scope", "key", "state", "reason", "kind"),
    [
        ("planet", "", "halted", "x", Refused),
        ("desk", "", "asleep", "x", Refused),
        ("desk", "", "halted", " ", Refused),
        ("venue", "elsewhere", "halted", "x", NotFound),
        ("market", f"{HAND}:NO-PERP", "halted", "x", NotFound),
        ("user", str(uuid.UUID(int=9)), "halted", "x", NotFound),
    ],
)
def test_a_state_of_nothing_is_refused(market, scope, key, state, reason, kind):
    with pytest.raises(kind):
        _set(scope, key, state, reason)
    with as_sync():
        assert TradingStateRow.objects.count() == 0
        assert not User.objects.exclude(trading_state="active").exists()
