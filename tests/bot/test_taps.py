"""A button acts once, for its owner, in its time; everything else is told and moves nothing."""

from datetime import timedelta

import pytest

from accounts.models import Intent
from bot.models import TelegramCard
from core.roles import as_sync
from tests.bot.conftest import fund
from tests.telegram_user import buttons_of, text_of
from trading.models import VenueTransfer


def data_of(message, label):
    rows = message["reply_markup"]["inline_keyboard"]
    return next(b["callback_data"] for row in rows for b in row if label in b["text"])


@pytest.fixture
def card(carol, desk):
    """A deposit's confirm card in Carol's chat; no worker runs, so that nothing is sent."""
    fund(desk, carol)
    carol.say("/deposit 100")
    return carol.wait_for("Valid 120 s")


def transfers():
    with as_sync():
        return list(VenueTransfer.objects.values_list("amount", "status"))


def test_the_button_carries_a_random_id_and_no_amount(card):
    data = data_of(card, "Confirm")
    assert len(data.encode()) <= 64
    assert data.startswith("ok:")
    assert "100" not in data_of(card, "Confirm").removeprefix("ok:")[:3]


def test_a_tap_places_once_however_often_it_comes(carol, card):
    data = data_of(card, "Confirm")
    carol.press(card, "Confirm", times=3)
    placed = carol.wait_for("Nothing has been sent yet")
    assert placed["message_id"] == card["message_id"]
    assert buttons_of(placed) == []
    assert transfers() == [(100, "pending")]
    # A second tap, from a phone that still shows the button.
    query = carol.press_stale(card, data)
    carol.answer_to(query)
    carol.say("/help")
    carol.wait_for("What I can do")
    assert transfers() == [(100, "pending")]
    with as_sync():
        assert Intent.objects.count() == 1
        assert TelegramCard.objects.get().message_id == card["message_id"]


def test_a_used_tap_is_told_its_result_even_when_redis_has_forgotten_it(carol, card, redis_server):
    data = data_of(card, "Confirm")
    carol.press(card, "Confirm")
    carol.wait_for("Nothing has been sent yet")
    redis_server.flushdb()
    carol.answer_to(carol.press_stale(card, data))
    carol.say("/help")
    carol.wait_for("What I can do")
    assert len(transfers()) == 1
    assert not any("too old" in text_of(each) for each in carol.messages())


def test_another_persons_tap_is_refused(carol, dave, card):
    dave.say("/start")
    own = dave.wait_for("Welcome")
    query = dave.press_stale(own, data_of(card, "Confirm"))
    answer = dave.answer_to(query)
    assert answer["show_alert"]
    assert "not yours" in answer["text"]
    assert transfers() == []


def test_an_expired_card_moves_nothing_and_offers_a_new_quote(carol, card, monkeypatch):
    monkeypatch.setattr("bot.acts.DEPOSIT_VALID", timedelta(milliseconds=1))
    carol.press(card, "New quote")
    again = carol.wait_for(lambda message: "Confirm" in "".join(buttons_of(message)))
    monkeypatch.undo()
    carol.press(again, "Confirm")
    expired = carol.wait_for("That card has expired")
    assert "Nothing was moved." in text_of(expired)
    assert transfers() == []
    carol.press(expired, "New quote")
    fresh = carol.wait_for("Valid 120 s")
    carol.press(fresh, "Confirm")
    carol.wait_for("Nothing has been sent yet")
    assert transfers() == [(100, "pending")]


def test_the_old_button_of_a_card_that_was_quoted_again_is_void(carol, card):
    old = data_of(card, "Confirm")
    carol.press(card, "New quote")
    carol.wait_for(lambda message: old not in str(message["reply_markup"]))
    carol.press_stale(card, old)
    carol.wait_for("That card has expired")
    assert transfers() == []


def test_a_cancelled_card_stays_cancelled(carol, card):
    data = data_of(card, "Confirm")
    carol.press(card, "Cancel")
    assert buttons_of(carol.wait_for("Cancelled. Nothing was moved.")) == []
    carol.press_stale(card, data)
    carol.wait_for("That card has expired")
    assert transfers() == []


def test_a_forgotten_and_an_invented_button_are_answered(carol, card, redis_server):
    redis_server.flushdb()
    carol.press(card, "Confirm")
    carol.wait_for("That button is too old")
    for data in (
        "ok:" + "x" * 60,
        "no:",
        "rq:nothing",
        "cl:mars:SOL:50",
        "cl:",
        "mk::",
        "po:x",
        "?",
    ):
        query = carol.press_stale(card, data)
        carol.answer_to(query)
    carol.say("/help")
    carol.wait_for("What I can do")
    assert not any("went wrong" in text_of(each) for each in carol.messages())
    assert transfers() == []


def test_a_pending_act_survives_a_restart_of_the_bot(carol, card, bot, start_bot):
    bot.stop()
    start_bot()
    carol.press(card, "Confirm")
    carol.wait_for("Nothing has been sent yet")
    assert transfers() == [(100, "pending")]


def test_a_tap_whose_answer_telegram_garbles_still_acts(carol, card, desk):
    desk.set_fault("telegram.garbage", method="answerCallbackQuery")
    carol.press(card, "Confirm")
    carol.wait_for("Nothing has been sent yet")
    assert transfers() == [(100, "pending")]


def test_too_much_is_denied_with_its_numbers_and_the_next_step(carol, card):
    carol.say("/deposit 5000")
    denied = carol.wait_for("Your wallet holds 1,000 USDT; that takes 5,000.")
    assert "Confirm" not in " ".join(buttons_of(denied))
    carol.press_stale(denied, "ok:" + data_of(denied, "New quote").removeprefix("rq:"))
    carol.wait_for("That card has expired")
    assert transfers() == []


def test_orders_without_an_account_at_the_venue_are_refused_with_the_way_there(carol, card):
    carol.say("/long sol 0.5")
    assert "/deposit" in text_of(carol.wait_for("⛔"))
