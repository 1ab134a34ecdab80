"""What a person is told in words of its own: theirs alone, told once, read once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from alerts.enums import NotificationType
from alerts.models import OutboxMessage, UserNotification
from alerts.services import list_notifications, mark_notification_read, notify_user
from core.errors import NotFound
from core.roles import as_sync, as_user
from tests import factories

pytestmark = pytest.mark.django_db


def tell(person, **changes):
    told = {
        "user_id": person.pk, "notification_type": NotificationType.PRICE_ALERT,
        "title": "SOL is above $150", "message": "It is $151 now.", "now": timezone.now(),
    }  # fmt: skip
    return notify_user(**told | changes)


def test_a_notification_and_its_message_are_one_transaction():
    person = factories.user()
    with as_user(person.pk):
        tell(person)
        transaction.set_rollback(True)
    with as_sync():
        assert not UserNotification.objects.exists()
        assert not OutboxMessage.objects.exists()

    tell(person)

    with as_sync():
        assert UserNotification.objects.count() == 1
        waiting = OutboxMessage.objects.get()
    assert (waiting.lane, waiting.kind, waiting.state) == ("alert", "price_alert", "waiting")


def test_reading_twice_keeps_the_first_moment():
    person, now = factories.user(), timezone.now()
    key = tell(person)
    assert [each.id for each in list_notifications(user_id=person.pk, unread_only=True)] == [key]

    mark_notification_read(user_id=person.pk, notification_id=key, now=now)
    later = now + timedelta(hours=1)
    read = mark_notification_read(user_id=person.pk, notification_id=key, now=later)

    assert read.read_at == now
    assert list_notifications(user_id=person.pk, unread_only=True) == []
    assert len(list_notifications(user_id=person.pk)) == 1


def test_nobody_reads_or_marks_anothers():
    person, other = factories.user(), factories.user()
    key = tell(person)

    with pytest.raises(NotFound):
        mark_notification_read(user_id=other.pk, notification_id=key, now=timezone.now())

    assert list_notifications(user_id=other.pk) == []
    assert [each.read_at for each in list_notifications(user_id=person.pk)] == [None]
