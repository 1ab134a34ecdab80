"""News reach the chat as loudly as their person wants, much as one, and no blocked chat."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import change_setting, read_settings
from alerts.enums import NotificationType
from alerts.models import OutboxMessage
from alerts.services import message_of, notify_user, queue_messages, read_notification
from bot.models import SilentChat
from core.roles import as_sync
from tests.bot.conftest import eventually
from tests.telegram_user import text_of


@pytest.fixture
def person(carol):
    """Carol, who has written to the bot, and her row."""
    carol.say("/start")
    carol.wait_for("Welcome")
    with as_sync():
        return User.objects.get(telegram_id=carol.id)


def tell(person, title="SOL is above $150", **changes):
    told = {
        "user_id": person.pk, "notification_type": NotificationType.PRICE_ALERT, "title": title,
        "message": "It is $151 now.", "now": timezone.now(),
    }  # fmt: skip
    return notify_user(**told | changes)


def waiting(**wanted):
    with as_sync():
        return OutboxMessage.objects.filter(state="waiting", **wanted).count()


def test_what_fired_many_times_while_it_waited_is_one_message(bot, carol, person, start_bot):
    bot.stop()
    key = tell(person)
    with as_sync():
        queue_messages([
            message_of(
                user_id=person.pk, subject_type="notification", subject_id=key,
                due_at=timezone.now(), kind=NotificationType.PRICE_ALERT,
            )
            for _ in range(13)
        ])  # fmt: skip
    tell(person, title="BTC is below $90,000")

    start_bot()
    told = carol.wait_for("SOL is above $150")

    assert "Fired 14 times" in text_of(told)
    assert "BTC is below $90,000" in text_of(told)
    assert eventually(lambda: waiting() == 0)
    assert len([each for each in carol.messages() if "SOL is above" in text_of(each)]) == 1


def test_alerts_are_held_for_the_night_and_money_is_told(carol, person):
    hour = timezone.now().hour
    change_setting(
        user_id=person.pk, key="notifications",
        changes={"quiet_hours": [hour, (hour + 6) % 24], "quiet_mode": "hold"},
    )  # fmt: skip
    tell(person)
    tell(person, title="A trade of yours", notification_type=NotificationType.TRADE)

    carol.wait_for("A trade of yours")
    later = timezone.now() + timedelta(hours=4)
    assert eventually(lambda: waiting(kind="price_alert", leased_until__gt=later, holder=None) == 1)
    assert not [each for each in carol.messages() if "SOL is above" in text_of(each)]


def test_quiet_hours_and_wishes_make_alerts_silent_or_none(carol, person):
    hour = timezone.now().hour
    change_setting(
        user_id=person.pk, key="notifications",
        changes={"quiet_hours": [hour, (hour + 6) % 24], "wallet_alerts": "off"},
    )  # fmt: skip
    tell(person, title="Less than 1 SOL", notification_type=NotificationType.WALLET_ALERT)
    tell(person)

    carol.wait_for("SOL is above $150")

    assert eventually(lambda: waiting() == 0)
    assert not [each for each in carol.messages() if "Less than 1 SOL" in text_of(each)]
    [told] = [each for each in carol.messages() if "SOL is above" in text_of(each)]
    assert told["silent"] is True


def test_who_has_blocked_the_bot_is_not_asked_for_until_they_are_back(carol, person):
    carol._act("block")
    assert eventually(lambda: is_silent(carol.id))
    tell(person)
    with as_sync():
        wanted = OutboxMessage.objects.filter(state="undeliverable", error__contains="blocked")
        assert eventually(wanted.exists)

    carol._act("unblock")
    assert eventually(lambda: not is_silent(carol.id))
    tell(person, title="Welcome back")
    carol.wait_for("Welcome back")


def is_silent(chat_id):
    with as_sync():
        return SilentChat.objects.filter(chat_id=chat_id).exists()


def test_a_person_chooses_what_is_loud_and_when_it_is_quiet(carol, person):
    carol.say("/notifications quiet 22-7")
    shown = carol.wait_for("Quiet hours: 22:00 to 7:00")
    carol.press(shown, "Price alerts: on")
    shown = carol.wait_for("Price alerts: silent")
    carol.press(shown, "Then: silent")
    carol.wait_for("alerts wait until it is over")
    carol.say("/notifications quiet 9-9")
    carol.wait_for("different hours")

    wishes = read_settings(user_id=person.pk)["notifications"]
    assert (wishes["quiet_hours"], wishes["quiet_mode"]) == ([22, 7], "hold")
    assert (wishes["price_alerts"], wishes["trade_notifications"]) == ("silent", "on")


def test_a_notification_is_read_by_its_button(carol, person):
    key = tell(person)
    told = carol.wait_for("SOL is above $150")

    carol.press(told, "Read")

    assert eventually(lambda: read_notification(user_id=person.pk, notification_id=key).read_at)
