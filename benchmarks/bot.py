"""Updates a second: /settings through the bot's whole dispatcher against a bare handler."""

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.base import BaseSession
from aiogram.filters import Command
from aiogram.types import Chat, Message, Update
from psycopg_pool import AsyncConnectionPool

from benchmarks import desk_database
from benchmarks.measuring import Finding, Size, rated

PEOPLE = 200
AT_ONCE = 32
_TOKEN = "1:" + "a" * 35
_QUERY = "SELECT setting_key, setting_value FROM user_settings WHERE user_id = %s"
_numbers = itertools.count(1)
Handle = Callable[[dict[str, Any]], Awaitable[object]]


class TakesAll(BaseSession):
    """Telegram as fast as it could ever be: in this process, and every message taken at once."""

    def __init__(self) -> None:
        super().__init__()
        chat = Chat(id=1, type="private")
        self._answer = Message(message_id=1, date=datetime.now(UTC), chat=chat, text="taken")
        self.sent = 0

    async def make_request(self, *_args: Any, **_options: Any) -> Any:
        self.sent += 1
        return self._answer

    async def close(self) -> None:
        """Nothing is open."""

    async def stream_content(self, *_args: Any, **_options: Any) -> Any:
        raise NotImplementedError


def measure(size: Size) -> list[Finding]:
    """`rows` is how many updates a round has."""
    desk_database.prepare()
    return asyncio.run(_measure(size.rows_or(3000), size.rounds_or(5)))


async def _measure(updates: int, rounds: int) -> list[Finding]:
    from bot.app import make_parts
    from core import bridge

    session = TakesAll()
    bot = Bot(_TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML"))
    parts = make_parts(bot)
    # As the tables' owner, for the login role may read nothing outside of the door.
    pool = AsyncConnectionPool(
        os.environ["DATABASE_OWNER_URL"],
        min_size=bridge.THREADS,
        max_size=bridge.THREADS,
        open=False,
    )
    await pool.open(wait=True)
    bare = _bare_dispatcher(pool)
    subjects: dict[str, Handle] = {
        "desk": lambda raw: _feed(parts.dispatcher, bot, raw),
        "bare": lambda raw: _feed(bare, bot, raw),
    }
    try:
        rates = await _by_turns(subjects, session, updates, rounds)
    finally:
        await pool.close()
        await parts.redis.aclose()
        bridge.close()
    return [
        rated(
            "/settings", rates["desk"], rates["bare"],
            bound_name="bare aiogram handler with one query", at_least=0.7,
        ),
        Finding("an update", f"{1e6 / rates['desk']:.0f} µs", f"{1e6 / rates['bare']:.0f} µs bare"),
    ]  # fmt: skip


async def _by_turns(
    subjects: dict[str, Handle], session: TakesAll, updates: int, rounds: int
) -> dict[str, float]:
    rates: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(-1, rounds):
        for name in list(subjects)[:: 1 if number % 2 == 0 else -1]:
            sent = session.sent
            seconds = await _flood(subjects[name], updates)
            assert session.sent - sent == updates, session.sent - sent
            if number >= 0:
                rates[name].append(updates / seconds)
    return {name: median(each) for name, each in rates.items()}


async def _flood(handle: Handle, updates: int) -> float:
    """Seconds for so many updates of many people, a few dozen at once."""
    waiting = [_update(number) for number in range(updates)]
    began = time.perf_counter()

    async def work() -> None:
        while waiting:
            await handle(waiting.pop())

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return time.perf_counter() - began


async def _feed(dispatcher: Dispatcher, bot: Bot, raw: dict[str, Any]) -> None:
    await dispatcher.feed_update(bot, Update.model_validate(raw, context={"bot": bot}))


def _bare_dispatcher(pool: AsyncConnectionPool) -> Dispatcher:
    router = Router()

    @router.message(Command("settings"))
    async def settings(message: Message, bot: Bot) -> None:
        assert message.from_user is not None
        async with pool.connection() as connection:
            # Any id does: the query and its plan are those of a person without changed settings.
            found = await connection.execute(_QUERY, ["0" * 32])
            rows = await found.fetchall()
        await bot.send_message(message.chat.id, f"Settings: {rows}")

    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    return dispatcher


def _update(number: int) -> dict[str, Any]:
    person = 8_000_000 + number % PEOPLE
    name = {"id": person, "first_name": "Tess", "username": f"tess{person}"}
    return {
        "update_id": next(_numbers),
        "message": {
            "message_id": next(_numbers),
            "date": int(time.time()),
            "chat": {**name, "type": "private"},
            "from": {**name, "is_bot": False},
            "text": "/settings",
            "entities": [{"type": "bot_command", "offset": 0, "length": 9}],
        },
    }
