"""What of an update is written down: whatever a person types, the rows take it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from bot.models import TelegramUpdate
from bot.tasks import forget_old_updates
from bot.updates import store_updates
from core.models import Job
from core.roles import as_sync


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\0b", "ab"),
        ("\\u0000", "\\u0000"),
        ('\\u0000"}', '\\u0000"}'),
        ("\\\\u0000\0", "\\\\u0000"),
        ("half of a pair: \ud83d", "half of a pair: ?"),
        ("a whole one: 🙂", "a whole one: 🙂"),
    ],
)
@pytest.mark.django_db
def test_no_text_keeps_a_batch_from_being_stored(typed, kept):
    batch = [{"update_id": 7, "message": {"text": typed}}, {"update_id": 8, "message": {}}]

    assert store_updates(updates=batch, now=timezone.now()) == {7, 8}

    with as_sync():
        assert TelegramUpdate.objects.get(pk=7).body["message"]["text"] == kept


@pytest.mark.django_db
def test_the_job_forgets_what_was_handled_long_ago_and_nothing_else():
    now = timezone.now()
    old, late = now - timedelta(days=31), now - timedelta(days=29)
    kept = {"body": {}, "attempts": 1}
    with as_sync():
        for key, state, at in (
            (1, "handled", old), (2, "received", old), (3, "handled", late),
        ):  # fmt: skip
            TelegramUpdate.objects.create(pk=key, state=state, received_at=at, **kept)

    assert settings.JOBS["updates_forgotten"][0] == forget_old_updates.name
    forget_old_updates()

    with as_sync():
        assert set(TelegramUpdate.objects.values_list("pk", flat=True)) == {2, 3}
        assert Job.objects.get(name="updates_forgotten").last_result == {"result": 1}
