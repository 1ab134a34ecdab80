"""A trader's way through the bot on a running sandbox: deposit, open, look, close, history."""

import threading
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from chain.services import sweep_submissions
from core.errors import Unavailable
from core.roles import as_sync
from drift.models import DriftOrder
from tests.bot.conftest import fund
from tests.telegram_user import buttons_of, text_of
from trading.models import Fill, VenueTransfer
from trading.services import reconcile_wanted

pytestmark = pytest.mark.timeout(180)


class Worker:
    """What Beat and the worker do, in a thread: sweeps and reconciles until stopped."""

    def __init__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._stop.set()
        self._thread.join(timeout=30)

    def _run(self):
        while not self._stop.wait(0.1):
            try:
                sweep_submissions(now=timezone.now())
                reconcile_wanted(now=timezone.now())
            except Unavailable:
                continue
        connection.close()


@pytest.fixture
def worker(desk, monkeypatch):
    sweep = import_module("chain.services.sweep_submissions")
    for name in ("_TASK_GRACE", "CLAIM_LEASE"):
        monkeypatch.setattr(sweep, name, timedelta(0))
    running = Worker().start()
    yield running
    running.stop()


@pytest.fixture
def funded(carol, desk):
    """Carol has a wallet with SOL and quote tokens in it."""
    fund(desk, carol)
    return carol


@pytest.fixture
def deposited(funded, worker):
    funded.say("/deposit 500")
    card = funded.wait_for("Valid 120 s")
    funded.press(card, "Confirm")
    funded.wait_for("Arrived at the venue")
    return funded


def test_a_first_day_deposit_long_close_half_close_the_rest_history(deposited, desk):
    trader = deposited
    trader.say("/long sol 0.5 5x")
    card = trader.wait_for("Valid 20 s")
    for part in (
        "LONG · SOL-PERP", "LIVE", "Size: 0.5", "Expected entry", "Worst price", "Fee: about",
        "Priority fee: at most", "Liquidation", "Health", "Venue: Velocity · wallet …",
    ):  # fmt: skip
        assert part in text_of(card)
    trader.press(card, "Confirm")
    filled = trader.wait_for("✅ Filled.")
    assert filled["message_id"] == card["message_id"]
    assert "Confirm" not in " ".join(buttons_of(filled))
    assert "explorer" in text_of(filled)

    trader.say("/myposition")
    shown = trader.wait_for("LONG SOL-PERP")
    assert "PnL" in text_of(shown)
    trader.press(shown, "Close SOL 50%")
    half = trader.wait_for("Close SOL 50%")
    trader.press(half, "Confirm")
    assert "Realised" in text_of(trader.wait_for("✅ Filled."))
    trader.say("/close all")
    rest = trader.wait_for("Close SOL 100%")
    trader.press(rest, "Confirm")
    trader.wait_for("✅ Filled.")
    trader.say("/myposition")
    trader.wait_for("None are open")
    trader.say("/history")
    assert "🔴 sold" in text_of(trader.wait_for("History"))
    trader.say("/orders")
    assert text_of(trader.wait_for("Orders")).count("✅ filled") == 3
    with as_sync():
        assert DriftOrder.objects.count() == 3
        assert VenueTransfer.objects.count() == 1
        assert Fill.objects.exists()
