"""Why a venue takes no new risk is said where a trader looks."""

from django.utils import timezone

from tests.telegram_user import text_of
from trading.services.venue_gates import record_venue_gate

PAUSED = "The exchange is paused."


def test_status_and_markets_say_that_a_venue_is_closed_and_why(carol):
    carol.say("/markets")
    assert "only be closed" not in text_of(carol.wait_for("Trade: /long"))
    record_venue_gate(deployment="velocity", reasons=[PAUSED], now=timezone.now())

    carol.say("/markets")
    shown = text_of(carol.wait_for("only be closed here now"))
    assert PAUSED in shown
    assert "Trade: /long" not in shown

    carol.say("/status")
    shown = text_of(carol.wait_for("How the desk is doing"))
    assert f"🔴 Velocity trading: closing only. {PAUSED}" in shown
    assert "🟢 Drift trading: ok, open" in shown
