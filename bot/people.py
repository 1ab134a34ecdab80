"""Who is behind a Telegram id: asked of the desk at first sight and about once a minute."""

import time
from collections import OrderedDict
from datetime import datetime

from aiogram.types import User as TelegramUser

from accounts.facts import UserFacts
from accounts.services import enter_telegram_user
from bot.context import Person
from core import bridge
from core.errors import Unavailable

_FRESH_SECONDS = 60.0
_KEPT = 20_000


class People:
    """Remembers people in this process, as long as the desk need not be asked again."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[float, UserFacts]] = OrderedDict()

    async def find(self, sender: TelegramUser, now: datetime) -> Person:
        """The person; made at the desk if new. Without the database, as last known or nameless."""
        known = self._known.get(sender.id)
        if known is not None and time.monotonic() - known[0] < _FRESH_SECONDS:
            return Person(sender.id, known[1])
        try:
            facts, is_new = await self.enter(sender, now)
        except Unavailable:
            return Person(sender.id, known[1] if known else None)
        return Person(sender.id, facts, is_new)

    async def enter(self, sender: TelegramUser, now: datetime) -> tuple[UserFacts, bool]:
        """Let the person in, race-free. Raises Unavailable."""
        facts, is_new = await bridge.call(
            enter_telegram_user,
            telegram_id=sender.id,
            username=_plain(sender.username),
            first_name=_plain(sender.first_name),
            last_name=_plain(sender.last_name),
            now=now,
        )
        self._known[sender.id] = (time.monotonic(), facts)
        self._known.move_to_end(sender.id)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return facts, is_new

    def forget(self, telegram_id: int) -> None:
        """Something about them was changed."""
        self._known.pop(telegram_id, None)


def _plain(name: str | None) -> str | None:
    """A name as PostgreSQL can hold it."""
    return name.replace("\x00", "")[:200] if name else None
