"""Getting updates by asking for them: each is a row before its receipt is acknowledged."""

import asyncio
from typing import Any

import redis
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods.base import TelegramMethod

from bot.intake import ALLOWED, Intake
from core.errors import DeskError
from core.logs import get_logger

log = get_logger("desk.bot.polling")

# An empty answer takes this long; well below the time after which polling counts as broken.
_POLL_SECONDS = 20
_BATCH = 100
_LONGEST_PAUSE = 30.0


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates as it came: one malformed update must not hide the others of its batch."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = _BATCH
    timeout: int = _POLL_SECONDS
    allowed_updates: list[str] = ALLOWED


class Poller:
    """Fetches, has it kept and handed on, acknowledges."""

    def __init__(self, *, bot: Bot, intake: Intake) -> None:
        self._bot = bot
        self._intake = intake
        self._offset: int | None = None
        self._is_waiting = False

    @property
    def is_receiving(self) -> bool:
        """Whether Telegram's last answer came, and was kept, less than 30 s ago."""
        return self._intake.is_open

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop`; then finish what is under way and acknowledge it."""
        ended = asyncio.create_task(stop.wait())
        try:
            await self._intake.start()
            while not stop.is_set():
                polling = asyncio.create_task(self._poll())
                await asyncio.wait({polling, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not polling.done():
                    polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)
        finally:
            ended.cancel()
            await self._intake.finish()
            await self._acknowledge()

    async def _poll(self) -> None:
        pause = 1.0
        while True:
            try:
                await self._poll_once()
                pause = 1.0
                continue
            except TelegramConflictError:
                log.error(
                    "another process polls as this bot: end it, or give each desk its own bot",
                    again_in=pause,
                )
            except TelegramUnauthorizedError:
                log.error("Telegram refuses the bot's token", again_in=pause)
            except TelegramRetryAfter as error:
                pause = max(pause, float(error.retry_after))
            except TelegramAPIError as error:
                log.warning("updates did not come", error=type(error).__name__, again_in=pause)
            except (DeskError, redis.RedisError) as error:
                # Neither rows nor Redis: what came is not acknowledged, and comes again.
                log.warning("updates cannot be kept", error=str(error)[:200], again_in=pause)
            except Exception:  # the process loop; said aloud, and not repeated without a pause
                log.exception("getting updates stumbled", again_in=pause)
            self._is_waiting = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _poll_once(self) -> None:
        # At first, and after a failure, ask without waiting: whether it works is known at once.
        timeout = _POLL_SECONDS if self._is_waiting else 0
        method = GetRawUpdates(offset=self._offset, timeout=timeout)
        batch = await self._bot(method, request_timeout=_POLL_SECONDS + 10)
        await self._intake.take(batch)
        self._is_waiting = True
        ids = [update["update_id"] for update in batch if isinstance(update.get("update_id"), int)]
        if ids:
            # The next call of getUpdates acknowledges all that is below this.
            self._offset = max(ids) + 1

    async def _acknowledge(self) -> None:
        """So that the next process is not told again what was handled here."""
        if self._offset is None:
            return
        try:
            await self._bot(GetRawUpdates(offset=self._offset, limit=1, timeout=0))
        except TelegramAPIError:
            log.warning("the last updates were not acknowledged; their rows remember them")
