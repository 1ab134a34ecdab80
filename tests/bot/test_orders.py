"""Orders in the chat: what rests, what guards a position, what is changed, cancelled, ended."""

from decimal import Decimal

import pytest
from django.utils import timezone

from chain.models import Submission
from core.roles import as_sync
from drift.models import DriftOrder
from markets.prices import Price
from tests.bot.conftest import eventually
from tests.bot.test_trading import deposited, funded, worker  # noqa: F401 - fixtures
from tests.prices import store_prices
from tests.telegram_user import text_of


def place(trader, text, shows="Valid 20 s"):
    trader.say(text)
    trader.press(trader.wait_for(shows), "Confirm")


def now(trader, message):
    """The message as it reads by now."""
    [found] = [m for m in trader.messages() if m["message_id"] == message["message_id"]]
    return text_of(found)


def rows(**wanted):
    with as_sync():
        return list(DriftOrder.objects.filter(**wanted).order_by("id"))


def test_a_limit_order_rests_is_changed_and_cancelled_on_cards(deposited):  # noqa: F811
    trader = deposited
    place(trader, "/long sol 0.5 limit 100")
    card = trader.wait_for("Open at the venue")
    assert "limit at $100" in text_of(card)
    assert "Venue id" in text_of(card)

    trader.press(card, "Change")
    trader.wait_for("Type the new price")
    trader.say("101.5")
    trader.press(trader.wait_for("100 → 101.5"), "Confirm")
    trader.wait_for("Done.")
    [order] = rows()
    assert (order.status, order.price) == ("open", 101.5)

    trader.say("/orders")
    listed = trader.wait_for("Open orders")
    assert "limit long 0.50 SOL at $101.5" in text_of(listed)
    trader.press(listed, "1")
    trader.press(trader.wait_for("Venue id"), "Cancel order")
    trader.press(trader.wait_for("Cancel on SOL-PERP?"), "Confirm")
    eventually(lambda: rows()[0].status == "cancelled")
    trader.say("/orders")
    trader.wait_for("Nothing is open")


def test_an_order_comes_with_its_stops_and_they_are_shown_with_their_ids(deposited):  # noqa: F811
    trader = deposited
    place(trader, "/long sol 0.5 sl 50 tp 400")
    trader.wait_for("🎯 Target $400")
    entry = trader.wait_for("Filled.")
    stops = eventually(
        lambda: [row for row in rows(reduce_only=True) if row.status == "open"] or None
    )
    # Where its stops stand is told on the card of the entry, and by no message of their own.
    eventually(lambda: now(trader, entry).count("open · venue id") == 2)
    assert not [each for each in trader.messages() if "of your long" in text_of(each)]
    assert {row.role for row in stops} == {"stop_loss", "take_profit"}
    trader.say("/orders")
    listed = text_of(trader.wait_for("Open orders"))
    assert "🛡 Stop $50" in listed
    assert "🎯 Target $400" in listed
    # One order with its stops, and not three.
    assert "\n2. " not in listed
    trader.press(trader.wait_for("Open orders"), "1")
    card = trader.wait_for("Venue id")
    trader.press(card, "✖️ Target")
    trader.press(trader.wait_for("Cancel on SOL-PERP?"), "Confirm")
    eventually(lambda: rows(role="take_profit")[0].status == "cancelled")
    assert rows(role="stop_loss")[0].status == "open"


def test_a_stop_is_set_on_a_position_and_panic_ends_everything(deposited):  # noqa: F811
    trader = deposited
    place(trader, "/long sol 0.5")
    trader.wait_for("Filled.")
    trader.say("/sl sol 5000")
    trader.wait_for("would go off at once")
    place(trader, "/sl sol 50", "It rests at the venue.")
    # What was typed is what it does: a sale, which reduces a long and nothing else.
    trader.say("/long sol 0.1 limit 400 reduce")
    trader.wait_for("that would do more than reduce it")
    eventually(lambda: [row for row in rows(role="stop_loss") if row.status == "open"])
    place(trader, "/long sol 0.2 limit 100")
    eventually(lambda: rows(order_type="limit", status="open"))

    trader.say("/panic")
    asked = trader.wait_for("cancel everything, close everything?")
    assert "Orders to cancel: 2" in text_of(asked)
    trader.press(asked, "Confirm")

    eventually(lambda: not rows(status__in=["open", "pending", "partially_filled"]), seconds=120)
    trader.say("/positions")
    trader.wait_for("None are open")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/sl sol 130", "You hold no position in SOL"),
        ("/sl", "Write it like /sl sol 130"),
        ("/tp sol one", "I do not understand"),
        ("/cancel all", "no open orders"),
        ("/long sol 1 limit 150 ioc post", "does not go with"),
        ("/panic", "Nothing is open"),
    ],
)
def test_what_makes_no_change_is_answered_and_moves_nothing(carol, typed, said):
    trader = carol
    trader.say("/create")
    trader.wait_for("Your wallet is made")
    trader.say(typed)
    trader.wait_for(said)
    assert rows() == []


def test_paper_is_switched_on_traded_on_and_off_and_every_card_says_so(carol, worker):  # noqa: F811
    trader = carol
    trader.say("/create")
    trader.wait_for("Your wallet is made")
    at = timezone.now()
    store_prices(
        [Price(token="SOL", price=Decimal(150), source="velocity", slot=1, observed_at=at)]
    )
    trader.say("/paper on")
    trader.wait_for("PAPER is on")
    trader.say("/long sol 1 limit 50")
    card = trader.wait_for("Valid 20 s")
    assert "PAPER" in text_of(card)
    assert "LIVE" not in text_of(card)
    trader.press(card, "Confirm")
    placed = trader.wait_for("Open at the venue")
    assert "PAPER" in text_of(placed)
    assert "explorer" not in text_of(placed)
    trader.say("/paper reset")
    trader.press(trader.wait_for("Begin anew on paper?"), "Begin anew")
    trader.wait_for("Play money")
    trader.say("/paper off")
    trader.wait_for("orders are LIVE")
    with as_sync():
        assert not Submission.objects.exists()
