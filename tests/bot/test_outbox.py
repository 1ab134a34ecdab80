"""Changes reach the chat by edits of one card, whatever Telegram and the sender do."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from alerts.models import OutboxMessage
from alerts.services import claim_cards, mark_delivered
from audit.services import advance
from bot.cards import register_card
from core import bridge
from core.roles import as_sync, as_user
from tests import factories
from tests.bot.conftest import eventually
from tests.telegram_user import text_of
from trading.enums import ORDER_MOVES


@pytest.fixture
def person(carol):
    """Carol, who has written to the bot, and her row."""
    carol.say("/start")
    carol.wait_for("Welcome")
    from accounts.models import User

    with as_sync():
        return User.objects.get(telegram_id=carol.id)


@pytest.fixture
def order(person):
    """An order of hers, made elsewhere than in the chat."""
    return an_order(person)


def an_order(of, **columns):
    return factories.drift_order(wallet=factories.wallet(of), **{"size": Decimal("0.5")} | columns)


def outbox(**wanted):
    with as_sync():
        return OutboxMessage.objects.filter(**wanted).count()


def fill(order):
    with as_sync():
        assert advance(
            order,
            to="filled",
            moves=ORDER_MOVES,
            filled_size=order.size,
            avg_fill_price=Decimal("150"),
        )


def cards_of(carol):
    return [each for each in carol.messages() if each["by_bot"] and "LIVE" in text_of(each)]


def test_a_change_and_its_message_are_one_transaction(db):
    user = factories.user()
    market = factories.drift_market()
    with as_user(user.id):
        factories.drift_order(market, wallet=factories.wallet(user))
        assert OutboxMessage.objects.filter(user=user).count() == 1
        transaction.set_rollback(True)
    assert outbox() == 0


def test_an_order_made_elsewhere_gets_one_card_that_is_edited(carol, order):
    placed = carol.wait_for("Placed")
    fill(order)
    filled = carol.wait_for("✅ Filled.")
    assert filled["message_id"] == placed["message_id"]
    assert eventually(lambda: outbox(state="waiting", leased_until__lte=timezone.now()) == 0)
    assert len(cards_of(carol)) == 1


def test_many_changes_at_once_become_one_message(bot, carol, person, start_bot):
    bot.stop()
    order = an_order(person)
    fill(order)
    again = start_bot()
    carol.wait_for("✅ Filled.")
    again.stop()
    assert len(cards_of(carol)) == 1
    assert len(cards_of(carol)[0]["history"]) <= 1


def test_a_sender_that_died_after_sending_ends_in_the_same_card(bot, carol, order, start_bot):
    carol.wait_for("Placed")
    assert eventually(lambda: outbox(state="delivered") >= 1)
    bot.stop()
    with as_sync():
        # What a crash between sending and marking leaves behind.
        OutboxMessage.objects.filter(state="delivered").update(
            state="waiting", leased_until=timezone.now()
        )
    again = start_bot()
    assert eventually(lambda: outbox(state="waiting", leased_until__lte=timezone.now()) == 0)
    again.stop()
    assert len(cards_of(carol)) == 1


def test_a_lease_keeps_others_away_until_it_is_over(db):
    factories.drift_order(expires_at=None)
    now = timezone.now()
    [first] = claim_cards(now=now)
    assert claim_cards(now=now) == []
    [second] = claim_cards(now=now + timedelta(seconds=31))
    assert second.message_ids == first.message_ids
    mark_delivered(cards=[second], now=now)
    assert claim_cards(now=now + timedelta(seconds=90)) == []


def test_telegrams_own_pause_is_obeyed(carol, person, desk):
    desk.set_fault("telegram.flood", count=2, retry_after=1, method="sendMessage")
    an_order(person)
    carol.wait_for("Placed")
    assert len(cards_of(carol)) == 1


def test_who_has_blocked_the_bot_is_not_written_to_for_ever(carol, person):
    carol._act("block")
    an_order(person)
    assert eventually(lambda: outbox(state="undeliverable") == 1)


def test_a_card_whose_message_is_gone_is_sent_anew(carol, person, order):
    first = carol.wait_for("Placed")
    with as_sync():
        from bot.models import TelegramCard

        TelegramCard.objects.update(message_id=first["message_id"] + 9999)
    fill(order)
    carol.wait_for("✅ Filled.")
    assert eventually(lambda: outbox(state="undeliverable") == 0)


def test_a_person_may_have_no_news_of_orders_made_elsewhere(carol, person):
    factories.setting(person, key="notifications", value={"trade_notifications": "off"})
    an_order(person)
    assert eventually(lambda: outbox(state="delivered") >= 1)
    assert cards_of(carol) == []


def test_a_card_says_checking_when_its_deadline_passes_in_silence(carol, person):
    order = an_order(person, deadline=timezone.now() + timedelta(seconds=1))
    with as_sync():
        submission = factories.signed_submission(order.wallet, state="sent")
        factories.act(submission, subject_type="order", subject_id=order.id)
    carol.wait_for("Do not repeat it", seconds=60)


def test_registering_a_card_twice_keeps_the_first(db):
    for message_id in (7, 8):
        register_card(chat_id=1, key="k", message_id=message_id)
    from bot.models import TelegramCard

    with as_sync():
        assert TelegramCard.objects.get().message_id == 7


def test_the_bridge_carries_the_context_and_its_threads_give_connections_back(db):
    from core.context import acting_in, current

    async def ask():
        with acting_in(channel="telegram", trace_id="t-1"):
            return await bridge.call(current)

    assert asyncio.run(ask()).trace_id == "t-1"
    bridge.close()
