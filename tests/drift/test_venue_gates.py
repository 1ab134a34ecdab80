"""A venue that is not what this release knows takes no new risk and no new money."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from audit.models import AuditLog
from chain.models import Submission
from core.errors import Refused
from core.roles import as_sync
from drift.models import DriftOrder
from drift.services import check_gates
from tests.desk import Trader, sweep_until
from trading.models import VenueGate, VenueTransfer
from trading.services import (
    list_venue_gates,
    place_order,
    preview_deposit,
    preview_order,
    read_venue_gate,
)
from trading.services.preview_order import OrderWish
from trading.services.venue_gates import GATE_AGE, NEVER_CHECKED, record_venue_gate


def test_a_look_opens_the_gates_and_a_changed_program_closes_its_own(desk):
    with as_sync():
        VenueGate.objects.all().delete()
    now = timezone.now()
    assert read_venue_gate(deployment="drift", now=now).reason == NEVER_CHECKED
    assert check_gates(now=now) == {"velocity": "open", "drift": "open"}
    assert all(gate.is_open for gate in list_venue_gates(now=now))
    facts = record_venue_gate(
        deployment="drift", reasons=["The venue has paused trading."], now=now
    )
    assert (facts.is_open, facts.reason) == (False, "The venue has paused trading.")
    assert read_venue_gate(deployment="velocity", now=now).is_open
    with as_sync():
        acts = AuditLog.objects.filter(resource_type="venue_gate", resource_id="drift")
        assert list(acts.order_by("id").values_list("action", flat=True)) == [
            "venue_gate.opened",
            "venue_gate.closed",
        ]


def test_a_silent_node_closes_a_gate_only_after_an_age(desk):
    now = timezone.now()
    check_gates(now=now)
    desk.set_fault("solana.server_error", percent=100)
    later = now + GATE_AGE - timedelta(seconds=1)
    assert check_gates(now=later) == {
        "velocity": "chain.unavailable",
        "drift": "chain.unavailable",
    }
    assert read_venue_gate(deployment="drift", now=later).is_open
    closed = read_venue_gate(deployment="drift", now=now + GATE_AGE + timedelta(seconds=1))
    assert not closed.is_open
    desk.clear_faults()


def test_a_closed_gate_refuses_orders_and_deposits_and_lets_positions_be_closed(desk):
    trader = Trader(desk, "drift", telegram_id=7301).arrive()
    trader.deposit("500")
    sweep_until(lambda: trader.account().status == "active")
    trader.order(key="open", symbol="SOL", side="long", notional=Decimal(100))
    sweep_until(lambda: trader.positions())
    confirmed = trader.confirm(symbol="SOL", side="long", notional=Decimal(100))
    said = "The venue's program has changed in 1 places: place_perp_order."
    record_venue_gate(deployment="drift", reasons=[said], now=timezone.now())
    with as_sync():
        before = (Submission.objects.count(), DriftOrder.objects.count())
    wish = OrderWish(deployment="drift", symbol="SOL", side="long", notional=Decimal(100))
    preview = preview_order(user_id=trader.user_id, wish=wish, now=timezone.now())
    assert [(d.rule, d.params) for d in preview.denials] == [("venue_read_only", {"reason": said})]
    with pytest.raises(Refused) as refused:
        place_order(
            user_id=trader.user_id,
            channel="telegram",
            key="while closed",
            confirmed=confirmed,
            now=timezone.now(),
        )
    assert (refused.value.code, refused.value.params["reason"]) == ("risk.venue_read_only", said)
    denied = preview_deposit(
        user_id=trader.user_id, deployment="drift", amount=Decimal(100), now=timezone.now()
    )
    assert "venue_read_only" in [denial.rule for denial in denied.denials]
    with pytest.raises(Refused, match="venue_read_only"):
        trader.deposit("100", key="while closed")
    with as_sync():
        assert (Submission.objects.count(), DriftOrder.objects.count()) == before
        assert VenueTransfer.objects.count() == 1
    trader.order(key="close", symbol="SOL", side="long", percent=Decimal(100))
    sweep_until(lambda: not trader.positions())


def test_a_gate_that_closes_after_placing_keeps_the_order_unsigned(desk):
    trader = Trader(desk, "drift", telegram_id=7302).arrive()
    trader.deposit("500")
    sweep_until(lambda: trader.account().status == "active")
    with as_sync():
        signed = Submission.objects.exclude(signature=None).count()
    placed = trader.order(key="late", symbol="SOL", side="long", notional=Decimal(100))
    record_venue_gate(deployment="drift", reasons=["It changed."], now=timezone.now())
    with as_sync():
        moved = timezone.now() - timedelta(seconds=5)
        Submission.objects.filter(state="queued").update(created_at=moved)

    def ended():
        with as_sync():
            return DriftOrder.objects.get(pk=placed.id).status == "not_executed"

    sweep_until(ended)
    with as_sync():
        assert Submission.objects.exclude(signature=None).count() == signed
