"""Before anything is signed every rule is asked again: what has changed since placing counts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import change_setting
from chain.models import Submission
from chain.services import watch_epoch
from core.errors import Refused, Unavailable
from core.roles import as_sync
from drift.models import DriftMarket, DriftOrder
from tests.trading.books import position_state
from tests.trading.hand_venue import HAND, empty_report
from tests.trading.placing import hold, orders_of, place
from tests.trading.test_changes import at_venue, modify
from trading.models import OrderChange, TradingStateRow, VenueAccount, VenueGate
from trading.subjects.order import OrderSubject
from trading.subjects.order_change import OrderChangeSubject

D = Decimal


def aged(row, seconds=10):
    """The row as one that was placed so long ago; what it was judged on is old by now."""
    with as_sync():
        type(row).objects.filter(pk=row.pk).update(
            created_at=row.created_at - timedelta(seconds=seconds)
        )
    return row


def placed(desk, **wish):
    place(desk, **{"size": D(1)} | wish)
    return [aged(order) for order in orders_of(desk)]


def plan(order):
    with as_sync():
        submission = Submission.objects.get(acts__subject_id=order.pk)
    return OrderSubject().plan(subject_id=order.pk, submission_id=submission.pk)


def guard(order):
    with as_sync():
        OrderSubject().guard(subject_id=order.pk, submission_id=order.pk, now=timezone.now())


def set_user(desk, **changes):
    with as_sync():
        User.objects.filter(pk=desk.wallet.user_id).update(**changes)


def set_state(scope, key, state="halted"):
    with as_sync():
        TradingStateRow.objects.create(scope=scope, key=key, state=state)


def close_market(desk):
    with as_sync():
        DriftMarket.objects.filter(deployment=HAND).update(status="inactive")


def close_gate(desk):
    with as_sync():
        VenueGate.objects.filter(pk=HAND).update(is_open=False, reasons=["It is paused."])


# What may happen between placing and signing, and the rule that then denies. Rows alone tell of
# those of the first kind, so that the guard inside the signing commit looks at them too.
OF_ROWS = {
    "the person freezes": (lambda desk: set_user(desk, frozen_at=timezone.now()), "frozen_by_you"),
    "the person is suspended": (lambda desk: set_user(desk, status="suspended"), "user_not_active"),
    "the person may only reduce": (
        lambda desk: set_user(desk, trading_state="reduce_only"),
        "reduce_only_state",
    ),
    "the desk is halted": (lambda _: set_state("desk", ""), "trading_halted"),
    "the venue is halted": (lambda _: set_state("venue", HAND), "trading_halted"),
    "the market is halted": (lambda _: set_state("market", f"{HAND}:SOL-PERP"), "trading_halted"),
    "the market closes": (close_market, "market_not_active"),
    "the venue's gate closes": (close_gate, "venue_read_only"),
}
OF_THE_CHAIN = {
    "the price grows stale": ({"price_age_seconds": D(31)}, "price_stale"),
    "the collateral is spent": ({"free_collateral": D(5)}, "collateral_too_small"),
    "the leverage has grown": ({"leverage_after": D(11)}, "leverage_too_high"),
    "the price leaves the band": ({"oracle_price": D(80)}, "price_outside_band"),
    "the account is full of orders": ({"open_orders": 32}, "too_many_orders"),
    "the account is full of positions": ({"open_positions": 8}, "too_many_positions"),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_ROWS)
def test_what_rows_tell_denies_an_entry_at_its_plan_and_at_its_signing(desk, name):
    change, rule = OF_ROWS[name]
    [order] = placed(desk)
    plan(order)
    guard(order)
    change(desk)
    with pytest.raises(Refused) as caught:
        plan(order)
    at_signing = pytest.raises(Refused, match=r"^risk\.")
    with at_signing:
        guard(order)
    told = {"user_not_active", rule} if rule in ("trading_halted", "reduce_only_state") else {rule}
    assert caught.value.code.removeprefix("risk.") in told
    assert len(desk.venue.planned) == 1


@pytest.mark.parametrize("name", OF_THE_CHAIN)
def test_what_the_chain_shows_denies_an_entry_before_it_is_signed(desk, name):
    changes, rule = OF_THE_CHAIN[name]
    [order] = placed(desk)
    plan(order)
    desk.venue.quote_changes = changes
    with pytest.raises(Refused, match=rf"risk\.{rule}"):
        plan(order)
    assert len(desk.venue.planned) == 1


def test_orders_under_way_beside_it_bind_their_margin_but_not_its_own(desk):
    desk.venue.free = D(25)
    desk.venue.quote_changes = {"leverage_after": D(1)}
    [order] = placed(desk, size=D("1.5"))
    plan(order)
    place(desk, key="two", size=D("0.5"))
    plan(order)
    with as_sync():
        DriftOrder.objects.exclude(pk=order.pk).update(initial_margin=D(11))
    with pytest.raises(Refused, match=r"risk\.collateral_too_small"):
        plan(order)


def test_a_limit_of_the_day_counts_the_order_once(desk):
    with as_sync():
        User.objects.filter(pk=desk.wallet.user_id).update(max_daily_trades=1)
    [order] = placed(desk)
    plan(order)
    with as_sync():
        User.objects.filter(pk=desk.wallet.user_id).update(max_daily_trades=0)
    with pytest.raises(Refused, match=r"risk\.daily_trades_used"):
        plan(order)


def test_a_lower_limit_of_leverage_that_was_set_meanwhile_holds(desk):
    desk.venue.quote_changes = {"leverage_after": D(4)}
    [order] = placed(desk)
    change_setting(
        user_id=desk.wallet.user_id, key="risk_management", changes={"max_leverage": "3"}
    )
    with pytest.raises(Refused, match=r"risk\.leverage_too_high"):
        plan(order)


@pytest.mark.parametrize(
    ("wish", "price", "rule"),
    [
        ({"order_type": "stop_market", "trigger_price": D(105)}, D(106), "trigger_on_wrong_side"),
        ({"stop_loss": D(95)}, D(94), "stop_on_wrong_side"),
        ({"take_profit": D(104)}, D(105), "target_on_wrong_side"),
    ],
)
def test_a_market_that_ran_past_a_trigger_meanwhile_denies_the_order(desk, wish, price, rule):
    order = placed(desk, **wish)[0]
    plan(order)
    desk.venue.price = price
    with pytest.raises(Refused, match=rf"risk\.{rule}"):
        plan(order)


def test_an_orphan_that_was_left_meanwhile_denies_an_entry(desk):
    [order] = placed(desk)
    with as_sync():
        orphan = DriftOrder.objects.get(pk=order.pk)
        orphan.pk, orphan.role, orphan.status = desk.wallet.pk, "stop_loss", "open"
        orphan.reduce_only = True
        orphan.save(force_insert=True)
    with pytest.raises(Refused, match=r"risk\.orphaned_stops"):
        plan(order)


@pytest.mark.parametrize("seconds", [0, 10])
def test_a_plan_is_good_as_long_as_the_price_it_was_judged_on_is_young(desk, seconds):
    desk.venue.quote_changes = {"price_age_seconds": D(20)}
    [order] = placed(desk) if seconds else (place(desk, size=D(1)) and orders_of(desk))
    left = plan(order).good_until - timezone.now()
    assert timedelta(seconds=8) < left <= timedelta(seconds=10)


def test_a_price_whose_age_nobody_wrote_down_is_asked_for_anew(desk):
    place(desk, size=D(1))
    [order] = orders_of(desk)
    with as_sync():
        order.metadata.pop("price_age")
        order.save()
    quoted = desk.venue.quoted
    assert plan(order).good_until is not None
    assert desk.venue.quoted == quoted + 1


def test_an_order_of_a_clock_that_is_ahead_is_judged_again_all_the_same(desk):
    place(desk, size=D(1))
    [order] = orders_of(desk)
    aged(order, seconds=-300)
    desk.venue.quote_changes = {"price_age_seconds": D(31)}
    with pytest.raises(Refused, match=r"risk\.price_stale"):
        plan(order)


def test_a_taker_whose_placers_clock_is_ahead_may_fill_no_later_than_its_minute(desk, monkeypatch):
    right = timezone.now
    watch_epoch(now=right(), ask_chain=False)
    with monkeypatch.context() as ahead:
        ahead.setattr(timezone, "now", lambda: right() + timedelta(minutes=5))
        place(desk, size=D(1))
        later = {"order_type": "limit", "price": D(90), "expires_in": timedelta(hours=1)}
        place(desk, "two", size=D(1), **later)
    taker, limit = (aged(order, seconds=310) for order in orders_of(desk))
    assert taker.expires_at - timezone.now() > timedelta(minutes=5)
    plan(taker), plan(limit)

    of_taker, of_limit = desk.venue.planned[-2:]
    assert timedelta(seconds=20) < of_taker.expires_within <= timedelta(seconds=60)
    assert of_limit.expires_within is None


def test_what_reduces_waits_for_no_price(desk):
    hold(desk)
    [order] = placed(desk, size=None, percent=D(100))
    assert plan(order).good_until is None


# What reduces.


@pytest.mark.parametrize("name", OF_ROWS)
def test_none_of_it_keeps_a_close_from_being_signed(desk, name):
    hold(desk)
    [order] = placed(desk, size=None, percent=D(100))
    OF_ROWS[name][0](desk)
    desk.venue.quote_changes = OF_THE_CHAIN["the price grows stale"][0]
    plan(order)
    guard(order)


@pytest.mark.parametrize(
    ("held", "code"),
    [((), "no_position"), ((position_state(side="short"),), "would_increase")],
)
def test_a_close_that_has_nothing_left_to_close_is_not_signed(desk, held, code):
    hold(desk)
    [order] = placed(desk, size=None, percent=D(100))
    desk.venue.reports[desk.address] = empty_report(desk.address, positions=held)
    with pytest.raises(Refused, match=rf"risk\.{code}"):
        plan(order)
    assert desk.venue.planned == []


def test_of_a_position_that_shrank_meanwhile_the_rest_is_closed(desk):
    hold(desk, size="2")
    [order] = placed(desk, size=None, percent=D(100))
    hold(desk, size="0.5")
    plan(order)
    assert len(desk.venue.planned) == 1


def test_a_node_behind_our_own_books_does_not_tell_that_a_position_is_gone(desk):
    hold(desk)
    [order] = placed(desk, size=None, percent=D(100))
    with as_sync():
        VenueAccount.objects.filter(pk=desk.account.pk).update(observed_slot=2000)
    desk.venue.reports[desk.address] = empty_report(desk.address, slot=1999)
    with pytest.raises(Unavailable):
        plan(order)


# Changes.


def change_of(desk, **wanted):
    order, _ = at_venue(desk)
    change = modify(desk, order, **wanted)
    with as_sync():
        return aged(OrderChange.objects.get(pk=change.id))


def plan_change(change):
    return OrderChangeSubject().plan(subject_id=change.pk, submission_id=change.pk)


@pytest.mark.parametrize("name", OF_ROWS)
def test_a_change_by_a_person_is_judged_again_like_an_order(desk, name):
    change = change_of(desk, price=D("98.5"))
    plan_change(change)
    OF_ROWS[name][0](desk)
    with pytest.raises(Refused, match=r"^risk\."):
        plan_change(change)
    with as_sync(), pytest.raises(Refused, match=r"^risk\."):
        OrderChangeSubject().guard(
            subject_id=change.pk, submission_id=change.pk, now=timezone.now()
        )


def test_a_change_is_good_as_long_as_its_price_is_young(desk):
    change = change_of(desk, price=D("98.5"))
    desk.venue.quote_changes = {"price_age_seconds": D(25)}
    assert plan_change(change).good_until - timezone.now() <= timedelta(seconds=5)


def test_a_change_that_needs_more_margin_than_is_left_is_not_signed(desk):
    change = change_of(desk, size=D(5))
    plan_change(change)
    desk.venue.free = D(10)
    desk.venue.quote_changes = {"leverage_after": D(1)}
    with pytest.raises(Refused, match=r"risk\.collateral_too_small"):
        plan_change(change)


def test_an_order_placed_this_moment_is_not_quoted_twice(desk):
    place(desk, size=D(1))
    quoted = desk.venue.quoted
    [order] = orders_of(desk)
    plan(order)
    assert desk.venue.quoted == quoted
