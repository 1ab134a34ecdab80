"""Chats that take no message: who has blocked the bot is not written to until they come back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.models import SilentChat
from core.roles import as_sync

# Telegram may have told of an unblocking while nobody listened.
_ASKED_AGAIN_AFTER = timedelta(days=1)


def note_silent(*, chat_id: int, now: datetime) -> None:
    """Telegram says that they have blocked the bot."""
    with as_sync():
        SilentChat.objects.update_or_create(chat_id=chat_id, defaults={"since": now})


def note_back(*, chat_id: int) -> None:
    """They have let the bot in again."""
    with as_sync():
        SilentChat.objects.filter(chat_id=chat_id).delete()


def silent_among(*, chat_ids: Sequence[int], now: datetime) -> frozenset[int]:
    """Which of these chats need not be asked."""
    since = now - _ASKED_AGAIN_AFTER
    with as_sync():
        found = SilentChat.objects.filter(chat_id__in=set(chat_ids), since__gt=since)
        return frozenset(found.values_list("chat_id", flat=True))
