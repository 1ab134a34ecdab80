"""/juppositions and /flashbalance: what is held at venues that the desk only reads."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module

from bot import keyboards
from bot.texts.common import help_text
from bot.texts.elsewhere import elsewhere_screen, held_elsewhere
from chain.models import Submission
from core.roles import as_sync
from tests.bot.conftest import fund
from tests.telegram_user import buttons_of, text_of
from tests.venues.holdings import LONG_SOL, SHORT_BTC, put
from trading.elsewhere import flash
from trading.facts import ElsewhereFacts, PositionFacts

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
D = Decimal


def position(**changes):
    held = PositionFacts(
        id=None, deployment="jupiter", market="SOL-PERP", base_asset="SOL", quote_asset="USD",
        side="long", size=D("10.123456789"), peak_size=D(11), entry_price=D(150), mark_price=D(160),
        exit_price=None, unrealized_pnl=D(100), realized_pnl=D(0), fees=D(0), funding=D(0),
        margin=D(300), leverage=D(5), liquidation_price=None, status="open",
        tick_size=D("0.0001"), step_size=D("0.0001"), opened_at=NOW, closed_at=None,
        updated_at=NOW,
    )  # fmt: skip
    return replace(held, **changes)


def held(*positions, **changes):
    facts = ElsewhereFacts("jupiter", "Jupiter", "accounts", NOW, positions)
    return replace(facts, **changes)


def screen(found, **options):
    return elsewhere_screen(found, now=NOW + timedelta(seconds=90), **{"hidden": False} | options)


def test_a_screen_tells_what_is_held_how_old_that_is_and_that_it_is_only_read():
    text = screen(held(position(), position(side="short", unrealized_pnl=D(-20))))
    assert "<b>Jupiter</b> · read-only" in text
    assert "$600.00" in text
    assert "🟢 +$80.00" in text
    assert "🟢 LONG <b>SOL-PERP</b> · <b>10.1235 SOL</b>" in text
    assert "as of 90 s ago" in text
    assert "before fees that accrue there" in text
    assert "The desk cannot trade there." in text


def test_what_is_not_known_is_not_made_up():
    text = screen(held(position(mark_price=None, unrealized_pnl=D(0))))
    assert "PnL not known now" in text
    assert "mark —" in text
    assert "Liquidation —" in text
    never = screen(held(observed_at=None, is_reachable=False))
    assert "does not answer now, and was never read" in never
    assert "No open positions" not in never


def test_old_figures_are_told_as_old():
    assert "does not answer now: these are old figures" in screen(
        held(position(), is_reachable=False)
    )


def test_amounts_can_be_hidden():
    text = screen(held(position()), hidden=True)
    assert "10.12" not in text
    assert "300" not in text
    assert "•••" in text


def test_beside_other_positions_each_venue_is_a_short_block():
    [block] = held_elsewhere([held(*[position()] * 5)], now=NOW, hidden=False)
    assert block.count("LONG") == 3
    assert "2 more: /juppositions" in block


def test_there_is_nothing_to_trade_on_its_buttons_and_help_names_both_commands():
    labels = [button.text for row in keyboards.elsewhere("flash").inline_keyboard for button in row]
    assert labels == ["🔄 Refresh", "📊 Positions"]
    assert "/juppositions" in help_text()
    assert "/flashbalance" in help_text()


def test_a_person_looks_meets_an_outage_and_cannot_close(carol, desk, monkeypatch):
    # Every tap is a new look.
    service = import_module("trading.services.read_elsewhere")
    monkeypatch.setattr(service, "_FRESH", timedelta(0))
    flash._reader.cache_clear()
    carol.say("/juppositions")
    carol.wait_for("no wallet")
    address = fund(desk, carol)
    carol.say("/flashbalance")
    carol.wait_for("No open positions there.")
    put(desk, "jupiter", address, LONG_SOL)
    put(desk, "flash", address, SHORT_BTC | {"asset": "BTC"})
    carol.say("/juppositions")
    shown = carol.wait_for("🟢 LONG SOL-PERP")
    assert "The desk cannot trade there." in text_of(shown)
    assert buttons_of(shown) == ["🔄 Refresh", "📊 Positions"]
    carol.say("/myposition")
    listed = text_of(carol.wait_for("None are open"))
    assert "Jupiter · read-only" in listed
    assert "/juppositions" in listed
    carol.say("/close sol 100%")
    refused = text_of(carol.wait_for("only shows what you hold at Jupiter"))
    assert "Nothing was moved" in refused
    carol.say("/flashbalance")
    shown = carol.wait_for("🔴 SHORT BTC-PERP")
    desk.set_fault("flash.html")
    carol.press(shown, "Refresh")
    told = carol.wait_for("does not answer now")
    assert told["message_id"] == shown["message_id"]
    assert "SHORT BTC-PERP" in text_of(told)
    with as_sync():
        assert not Submission.objects.exists()
