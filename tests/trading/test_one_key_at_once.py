"""Fifty threads with one key: one intent, one result for all; a known key waits for no lock."""

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Intent
from chain.models import Submission
from core.errors import Conflict
from core.roles import as_sync, as_user
from tests.threads import all_at_once
from tests.trading.hand_venue import HAND
from tests.trading.placing import changes_of, hold, orders_of, place
from tests.trading.test_brackets import held
from tests.trading.test_changes import at_venue
from trading.services import (
    cancel_all_orders,
    cancel_orders,
    close_all_positions,
    modify_order,
    panic,
    set_stops,
)
from trading.services.accounts import lock_account
from trading.wishes import ChangeWish

D = Decimal
THREADS = 50


def _cancel(desk):
    order, _ = at_venue(desk)
    return lambda asked: cancel_orders(**asked, order_ids=[order.id])


def _cancel_unsent(desk):
    order = place(desk, size=D(1), order_type="limit", price=D(99))
    return lambda asked: cancel_orders(**asked, order_ids=[order.id])


def _modify(desk):
    order, _ = at_venue(desk)
    return lambda asked: modify_order(
        **asked, order_id=order.id, change=ChangeWish(price=D("98.5"))
    )


def _cancel_all(desk):
    at_venue(desk)
    at_venue(desk, key="two", venue_id="2")
    return lambda asked: cancel_all_orders(**asked)


def _close_all(desk):
    hold(desk)
    return lambda asked: close_all_positions(**asked)


def _panic(desk):
    at_venue(desk)
    hold(desk)
    return lambda asked: panic(**asked)


def _stops(desk):
    held(desk)
    return lambda asked: set_stops(
        **asked, deployment=HAND, symbol="SOL", stop_loss=D(90), take_profit=D(120)
    )


# The act, and how many messages one of it is.
ACTS = {
    "cancel": (_cancel, 1),
    "cancel of what was never sent": (_cancel_unsent, 0),
    "modify": (_modify, 1),
    "cancel all": (_cancel_all, 1),
    "close all": (_close_all, 1),
    "panic": (_panic, 2),
    "stops": (_stops, 1),
}


def asked(desk, key="one and the same"):
    return {
        "user_id": desk.wallet.user_id, "channel": "telegram", "key": key, "now": timezone.now(),
    }  # fmt: skip


def messages():
    with as_sync():
        return Submission.objects.count()


@pytest.mark.parametrize("name", ACTS)
def test_fifty_threads_with_one_key_do_one_act_and_are_told_the_same(desk, name):
    prepare, wanted = ACTS[name]
    act = prepare(desk)
    before = messages()
    outcomes = all_at_once(*[lambda: act(asked(desk))] * THREADS)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert len({(facts.id, facts.kind, facts.created_at) for facts in outcomes}) == 1
    with as_sync():
        assert (
            Intent.objects.filter(channel="telegram", idempotency_key="one and the same").count()
            == 1
        )
    assert messages() == before + wanted
    assert act(asked(desk)).id == outcomes[0].id


@pytest.mark.parametrize("name", ACTS)
def test_a_known_key_is_answered_while_somebody_else_holds_the_account(desk, name):
    act = ACTS[name][0](desk)
    first = act(asked(desk))
    desk.venue.is_down = True
    orders, changes = len(orders_of(desk)), len(changes_of(desk))
    with as_user(desk.wallet.user_id):
        lock_account(wallet_id=desk.wallet.id, deployment=HAND)
        [again] = all_at_once(lambda: act(asked(desk)))
    assert again.id == first.id
    assert (len(orders_of(desk)), len(changes_of(desk))) == (orders, changes)


@pytest.mark.parametrize("name", ACTS)
def test_the_key_of_one_act_is_a_conflict_for_any_other(desk, name):
    act = ACTS[name][0](desk)
    act(asked(desk))
    others = [each for each in ACTS if each not in (name, "cancel of what was never sent")]
    orders, changes = len(orders_of(desk)), len(changes_of(desk))
    order_id = orders_of(desk)[0].id if orders else desk.wallet.id
    other_acts = {
        "cancel": lambda: cancel_orders(**asked(desk), order_ids=[order_id, desk.wallet.id]),
        "modify": lambda: modify_order(
            **asked(desk), order_id=order_id, change=ChangeWish(price=D(97))
        ),
        "cancel all": lambda: cancel_all_orders(**asked(desk), symbol="SOL"),
        "close all": lambda: close_all_positions(**asked(desk)),
        "panic": lambda: panic(**asked(desk)),
        "stops": lambda: set_stops(
            **asked(desk), deployment=HAND, symbol="SOL", stop_loss=D(91), take_profit=None
        ),
    }
    for other in others:
        with pytest.raises(Conflict, match="key_used_for_other_content"):
            other_acts[other]()
    assert (len(orders_of(desk)), len(changes_of(desk))) == (orders, changes)
