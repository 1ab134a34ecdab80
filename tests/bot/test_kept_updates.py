"""What of an update is written down: whatever a person types, the rows take it."""

import pytest
from django.utils import timezone

from bot.models import TelegramUpdate
from bot.updates import store_updates
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
