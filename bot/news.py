"""Alerts and digests: told as loudly as their person wants, all of one kind as one message."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiogram import Bot
from aiogram.types import InlineKeyboardMarkup

from accounts.quiet_hours import quiet_until
from accounts.services import read_settings
from alerts.enums import SETTING_OF
from alerts.services import OutboxCard
from bot.cards import Shown, render_subject
from bot.texts.notices import merged_news, times_told
from core import bridge
from core.errors import NotFound

_LOOKED_AT_MOST = 60
_SHOWN_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class NewsView:
    """What is to be sent now, and how; or until when it is held. Nothing to send is no text."""

    text: str = ""
    keyboard: InlineKeyboardMarkup | None = None
    is_silent: bool = False
    held_until: datetime | None = None


class News:
    """Sends what is new: never an edit, as nobody looks up at an old message."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def tell(self, *, card: OutboxCard, chat_id: int, now: datetime) -> datetime | None:
        """Tell it, unless its person wants to hear nothing of it; or until when it is held.

        Raises what Telegram or the desk raises.
        """
        assert card.user_id is not None
        view = await bridge.call(
            read_news, user_id=card.user_id, kind=card.kind, subjects=card.subjects, now=now
        )
        if view.text:
            await self._bot.send_message(
                chat_id,
                view.text,
                reply_markup=view.keyboard,
                disable_notification=view.is_silent,
            )
        return view.held_until


def read_news(
    *,
    user_id: uuid.UUID,
    kind: str,
    subjects: Sequence[tuple[str, uuid.UUID, int]],
    now: datetime,
) -> NewsView:
    """The message about these subjects as this person wants it now.

    A subject that is gone by now is left out. Raises NotFound if none is left.
    """
    stored = read_settings(user_id=user_id)
    wishes = stored["notifications"]
    loudness = wishes[SETTING_OF[kind]] if SETTING_OF[kind] else "on"
    if loudness == "off":
        return NewsView()
    quiet_end = quiet_until(
        now=now, hours=wishes["quiet_hours"], time_zone=stored["display"]["time_zone"]
    )
    if quiet_end is not None and wishes["quiet_mode"] == "hold":
        return NewsView(held_until=quiet_end)
    told = _by_group(user_id, subjects[:_LOOKED_AT_MOST])
    if not told:
        raise NotFound("notification.not_found")
    texts = [times_told(shown.text, times) for shown, times in told[:_SHOWN_AT_MOST]]
    left_out = len(told) - len(texts) + max(0, len(subjects) - _LOOKED_AT_MOST)
    return NewsView(
        text=merged_news(texts, left_out=left_out),
        keyboard=told[0][0].keyboard if len(told) == 1 else None,
        is_silent=loudness == "silent" or quiet_end is not None,
    )


def _by_group(
    user_id: uuid.UUID, subjects: Sequence[tuple[str, uuid.UUID, int]]
) -> list[tuple[Shown, int]]:
    """What each of them says by now, those of a group as its newest and how many there were."""
    groups: dict[str, tuple[Shown, int]] = {}
    for subject_type, subject_id, times in subjects:
        try:
            shown = render_subject(user_id, subject_type, subject_id)
        except NotFound:
            continue
        key = shown.group or f"{subject_type}:{subject_id}"
        groups[key] = (shown, times + (groups[key][1] if key in groups else 0))
    return list(groups.values())
