"""Every act of the desk on paper, by the services of live trading: once, whoever ticks and dies."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from chain.models import Submission
from core.errors import Refused
from core.roles import as_sync
from tests.threads import all_at_once
from tests.venues.paper_bench import PaperBench, open_markets, tell_prices
from trading.models import Difference, Fill, Order, OrderChange, PaperOrder
from trading.services import (
    cancel_all_orders,
    cancel_orders,
    carry_on_plans,
    close_all_positions,
    freeze_user,
    list_positions,
    modify_order,
    panic,
    place_order,
    preview_order,
    read_order,
    reconcile_wanted,
    set_stops,
    tick_paper,
)
from trading.services.place_order import ConfirmedOrder
from trading.wishes import ChangeWish, OrderWish

D = Decimal


class PaperTrader(PaperBench):
    """A person on paper who acts by the services alone."""

    def confirm(self, **wish) -> ConfirmedOrder:
        wanted = OrderWish(deployment="paper", symbol="SOL", **{"side": "long"} | wish)
        shown = preview_order(user_id=self.user_id, wish=wanted, now=timezone.now())
        assert shown.denials == ()
        return ConfirmedOrder.as_shown(wanted, shown)

    def asked(self, key="one"):
        now = timezone.now()
        return {"user_id": self.user_id, "channel": "telegram", "key": key, "now": now}

    def order(self, key="one", **wish):
        return place_order(**self.asked(key), confirmed=self.confirm(**wish))

    def go_on(self, price=None):
        """What Beat does: a tick at the last price, the books, plans that were left."""
        if price is not None:
            tell_prices(SOL=price, BTC=60_000)
        else:
            tell_prices(SOL=self.price(), BTC=60_000)
        tick_paper(now=timezone.now())
        reconcile_wanted(now=timezone.now())
        carry_on_plans(now=timezone.now() + timedelta(seconds=6))
        tick_paper(now=timezone.now())
        reconcile_wanted(now=timezone.now())

    def legs(self):
        """(role, status) of every order, oldest first."""
        with as_sync():
            rows = Order.objects.filter(wallet=self.wallet).order_by("id")
            return list(rows.values_list("role", "status"))

    def read(self, facts):
        return read_order(user_id=self.user_id, order_id=facts.id)

    def held(self):
        return [(each.side, each.size) for each in list_positions(user_id=self.user_id)]

    def is_flat(self):
        """Nothing is held or rests; no message was queued, and no difference is open."""
        report = self.report()
        with as_sync():
            assert not Submission.objects.exists()
            assert not Difference.objects.filter(resolved_at__isnull=True).exists()
            assert not OrderChange.objects.filter(status="pending").exists()
            books = PaperOrder.objects.exists()
        return (report.positions, report.orders, self.held(), books) == ((), (), [], False)


@pytest.fixture
def trader(db, redis_server, settings):
    open_markets()
    tell_prices(SOL=150, BTC=60_000)
    # A plan goes to every venue, and here there is no chain.
    settings.VENUES = {"paper": settings.VENUES["paper"]}
    return PaperTrader()


def test_a_bracket_is_placed_at_once_and_the_stop_that_goes_off_takes_its_target_along(trader):
    trader.order(size=D(1), stop_loss=D(140), take_profit=D(170))
    trader.go_on()
    assert trader.legs() == [("entry", "filled"), ("stop_loss", "open"), ("take_profit", "open")]
    assert trader.held() == [("long", D(1))]
    trader.go_on(price=139)
    trader.go_on()
    assert trader.legs() == [
        ("entry", "filled"), ("stop_loss", "filled"), ("take_profit", "cancelled"),
    ]  # fmt: skip
    assert trader.is_flat()


def test_stops_of_a_resting_entry_come_when_it_fills_and_go_when_it_is_cancelled(trader):
    first = trader.order(size=D(1), order_type="limit", price=D(145), stop_loss=D(140))
    trader.go_on()
    assert trader.legs() == [("entry", "open"), ("stop_loss", "pending")]
    assert len(trader.report().orders) == 1
    cancel_orders(**trader.asked("cancel"), order_ids=[first.id])
    trader.go_on()
    assert trader.legs() == [("entry", "cancelled"), ("stop_loss", "not_executed")]
    assert trader.is_flat()
    trader.order("two", size=D(1), order_type="limit", price=D(145), stop_loss=D(140))
    trader.go_on(price=144)
    trader.go_on()
    assert trader.legs()[2:] == [("entry", "filled"), ("stop_loss", "open")]


def test_an_order_is_changed_at_once_and_keeps_one_row_through_its_ids(trader):
    order = trader.order(size=D(1), order_type="limit", price=D(140))
    trader.go_on()
    change = modify_order(
        **trader.asked("modify"), order_id=order.id, change=ChangeWish(price=D(141), size=D(2))
    )
    assert change.status == "done"
    facts = trader.read(order)
    assert (facts.price, facts.size, facts.venue_order_ids) == (D(141), D(2), ("1", "2"))
    trader.go_on()
    trader.reconcile(from_the_start=True)
    assert trader.legs() == [("entry", "open")]
    trader.go_on(price="140.5")
    facts = trader.read(order)
    assert (facts.status, facts.filled_size) == ("filled", D(2))
    with pytest.raises(Refused, match="ended_before_change"):
        modify_order(**trader.asked("again"), order_id=order.id, change=ChangeWish(price=D(142)))


def test_stops_are_set_on_a_position_and_moved(trader):
    trader.order(size=D(1))
    trader.go_on()
    for key, price in (("sl", D(140)), ("moved", D(145))):
        set_stops(
            **trader.asked(key), deployment="paper", symbol="SOL", stop_loss=price,
            take_profit=None,
        )  # fmt: skip
        trader.go_on()
    [stop] = trader.report().orders
    assert (stop.trigger_price, stop.size, stop.reduce_only) == (D(145), D(1), True)
    trader.go_on(price=144)
    trader.go_on()
    assert trader.is_flat()


def test_cancel_all_and_close_all_leave_nothing(trader):
    trader.order("a", size=D(1))
    trader.order("b", size=D("0.1"), order_type="limit", price=D(140))
    trader.order("c", size=D("0.1"), order_type="limit", price=D(141))
    trader.go_on()
    cancelled = cancel_all_orders(**trader.asked("wipe"), deployment="paper")
    assert len(cancelled.changes[0].order_ids) == 2
    trader.go_on()
    assert trader.report().orders == ()
    closed = close_all_positions(**trader.asked("close"))
    trader.go_on()
    assert [trader.read(each).status for each in closed.orders] == ["filled"]
    assert trader.is_flat()


def test_a_panic_ends_flat_also_where_whoever_made_it_died_before_it_was_carried_on(trader):
    trader.order("a", size=D(1), stop_loss=D(140), take_profit=D(170))
    trader.order("b", size=D("0.5"), order_type="limit", price=D(145))
    trader.go_on()
    facts = panic(**trader.asked("panic"))
    # The cancel is done within the transaction; nobody has ticked since, and nobody comes back.
    assert facts.changes[0].kind == "cancel"
    for _ in range(3):
        trader.go_on()
    assert panic(**trader.asked("panic")).status == "done"
    assert trader.is_flat()


def test_a_freeze_cancels_entries_keeps_stops_and_lets_closes_through(trader):
    trader.order("a", size=D(1), stop_loss=D(140))
    trader.order("b", size=D("0.5"), order_type="limit", price=D(145))
    trader.go_on()
    freeze_user(user_id=trader.user_id, now=timezone.now())
    trader.go_on()
    assert [order.order_type for order in trader.report().orders] == ["stop_market"]
    trader.order("close", percent=D(100))
    for _ in range(2):
        trader.go_on()
    assert trader.is_flat()


def test_a_flip_turns_the_position(trader):
    trader.order("a", size=D(1))
    trader.go_on()
    trader.order("flip", side="short", flip=True)
    trader.go_on()
    assert trader.held() == [("short", D(1))]


# Races.


def fills():
    with as_sync():
        return list(Fill.objects.order_by("id").values_list("direction", "size"))


def test_many_tickers_at_once_fill_an_order_once(trader):
    trader.order(size=D(1))
    outcomes = all_at_once(*[lambda: tick_paper(now=timezone.now())] * 12)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert sum(each["stepped"] for each in outcomes) == 1
    outcomes = all_at_once(*[trader.reconcile] * 6)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert fills() == [("buy", D(1))]
    assert trader.held() == [("long", D(1))]


def test_tickers_beside_acts_leave_one_truth(trader):
    order = trader.order(size=D(1), order_type="limit", price=D("150.5"))
    acts = [lambda: tick_paper(now=timezone.now())] * 6
    acts += [lambda: cancel_orders(**trader.asked("cancel"), order_ids=[order.id])] * 6
    all_at_once(*acts)
    trader.go_on()
    status = trader.read(order).status
    assert (status, fills()) in [("filled", [("buy", D(1))]), ("cancelled", [])]
    assert trader.held() == ([("long", D(1))] if status == "filled" else [])


def test_fifty_threads_with_one_key_place_one_order_in_the_book(trader):
    confirmed = trader.confirm(size=D(1))
    outcomes = all_at_once(*[lambda: place_order(**trader.asked(), confirmed=confirmed)] * 50)
    assert len({facts.id for facts in outcomes}) == 1
    assert len(trader.report().orders) == 1
    trader.go_on()
    assert fills() == [("buy", D(1))]


def test_an_order_whose_worker_died_between_acceptance_and_tick_is_filled_by_the_next(trader):
    """The task that was sent at the commit is lost; the order is in the book all the same."""
    facts = trader.order(size=D(1))
    assert (facts.status, facts.venue_order_id) == ("pending", "1")
    trader.go_on()
    assert trader.read(facts).status == "filled"
    assert fills() == [("buy", D(1))]


def test_an_order_that_nobody_ticked_in_its_time_expires_and_never_fills(trader):
    facts = trader.order(size=D(1))
    later = timezone.now() + timedelta(seconds=61)
    tell_prices(at=later, SOL=150, BTC=60_000)
    tick_paper(now=later)
    reconcile_wanted(now=later)
    assert (trader.read(facts).status, fills()) == ("expired", [])


def test_a_refusal_of_the_book_keeps_nothing_of_the_order(trader):
    confirmed = trader.confirm(size=D(1))
    with as_sync():
        before = Order.objects.count()
    odd = replace(confirmed, worst_price=D("150.00001"))
    with pytest.raises(Refused):
        place_order(**trader.asked(), confirmed=odd)
    with as_sync():
        assert Order.objects.count() == before
        assert not PaperOrder.objects.exists()
