"""What a handler is given: the person, a way to answer, and the tap that asked."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardMarkup, Message
from django.conf import settings
from django.utils import timezone

from accounts.facts import UserFacts
from core.errors import Unavailable
from core.logs import get_logger

log = get_logger("desk.bot")
_LONGEST = 4096
PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or tapped: Telegram's `from.id`, and the desk's user where the books answer."""

    telegram_id: int
    facts: UserFacts | None
    is_new: bool = False

    @property
    def user_id(self) -> uuid.UUID:
        """The desk's id. Raises Unavailable while the database is down and they are not known."""
        if self.facts is None:
            raise Unavailable("database.down")
        return self.facts.id

    @property
    def hides_amounts(self) -> bool:
        return bool(self._setting("display", "hide_amounts", False))

    @property
    def time_zone(self) -> str:
        return str(self._setting("display", "time_zone", "UTC"))

    @property
    def confirms(self) -> bool:
        return bool(self._setting("trading", "confirm", True))

    @property
    def presets(self) -> list[Decimal]:
        """Notionals offered as buttons, in quote units."""
        stored = self._setting("trading", "presets", ["25", "100"])
        return [Decimal(str(value)) for value in stored][:4]

    @property
    def deployment(self) -> str:
        """Where their new orders and deposits go; while they trade on paper, there."""
        if self._setting("trading", "paper", False):
            return PAPER
        return venue_of(self._setting("trading", "deployment", None))

    def _setting(self, group: str, name: str, default: Any) -> Any:
        return self.facts.settings[group].get(name, default) if self.facts else default


class Reply:
    """The way back into the chat; `here` is the message whose button was tapped."""

    def __init__(self, bot: Bot, chat_id: int, here: int | None = None) -> None:
        self.bot = bot
        self.chat_id = chat_id
        self.here = here

    def anew(self) -> "Reply":
        """Into the same chat, leaving the tapped message as it is."""
        return Reply(self.bot, self.chat_id)

    async def send(self, text: str, keyboard: InlineKeyboardMarkup | None = None) -> Message:
        return await self.bot.send_message(self.chat_id, text[:_LONGEST], reply_markup=keyboard)

    async def send_photo(
        self,
        picture: bytes,
        caption: str,
        keyboard: InlineKeyboardMarkup | None = None,
        *,
        name: str = "picture",
    ) -> Message:
        file = BufferedInputFile(picture, filename=f"{name}.png")
        return await self.bot.send_photo(self.chat_id, file, caption=caption, reply_markup=keyboard)

    async def edit(self, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Change the message that was tapped; a new one where it cannot be changed."""
        if self.here is None:
            await self.send(text, keyboard)
            return
        try:
            await self.bot.edit_message_text(
                text[:_LONGEST], chat_id=self.chat_id, message_id=self.here, reply_markup=keyboard
            )
        except TelegramBadRequest as error:
            if "not modified" not in error.message:
                await self.send(text, keyboard)


class Tap:
    """A tapped button; answered once, whoever gets to it first."""

    def __init__(self, query: CallbackQuery) -> None:
        self._query = query
        self.data = query.data or ""
        self.is_answered = False

    async def answer(self, text: str = "", *, alert: bool = False) -> None:
        if self.is_answered:
            return
        self.is_answered = True
        try:
            await self._query.answer(text[:200] or None, show_alert=alert)
        except TelegramAPIError as error:
            # Too old to be answered (it was driven again), or Telegram is away: the act goes on.
            log.debug("a tap could not be answered", error=type(error).__name__)


def venue_of(chosen: str | None) -> str:
    """The deployment that was chosen, or the desk's default if none is, or it has been closed."""
    return chosen if chosen in settings.VENUES else str(settings.ENVIRONMENT.default_deployment)


def now() -> datetime:
    """The moment of handling, read at the edge and passed down."""
    return timezone.now()
