"""Getting updates: each is a row before its receipt is acknowledged, and is handled once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import redis
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods.base import TelegramMethod
from django.utils import timezone

from bot import updates
from bot.lanes import Lanes
from bot.updates import RawUpdate
from core import bridge
from core.errors import DeskError
from core.logs import get_logger

log = get_logger("desk.bot.polling")

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
# An empty answer takes this long; well below the time after which polling counts as broken.
_POLL_SECONDS = 20
_BROKEN_AFTER_SECONDS = 30.0
_BATCH = 100
_FLUSH_SECONDS = 0.05
_LONGEST_PAUSE = 30.0
_FLUSH_PAUSE = 1.0


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates as it came: one malformed update must not hide the others of its batch."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = _BATCH
    timeout: int = _POLL_SECONDS
    allowed_updates: list[str] = ALLOWED


class Poller:
    """Fetches, stores, hands on, acknowledges.

    `handle` gets one raw update, and whether it is one too many of its sender's (`admits` is asked
    as it arrives); it must not raise.
    """

    def __init__(
        self,
        *,
        bot: Bot,
        handle: Callable[[RawUpdate, bool], Awaitable[None]],
        admits: Callable[[int], bool],
        give_up: Callable[[RawUpdate], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._handle = handle
        self._admits = admits
        self._give_up = give_up
        self._lanes = Lanes()
        self._in_hand: set[int] = set()
        self._handled: set[int] = set()
        self._offset: int | None = None
        self._look_back = True
        self._kept_at: float | None = None
        self._is_waiting = False
        self.handled_count = 0

    @property
    def is_polling(self) -> bool:
        """Whether Telegram's last answer came, and was kept, less than 30 s ago."""
        if self._kept_at is None:
            return False
        return time.monotonic() - self._kept_at < _BROKEN_AFTER_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop`; then finish what is under way and acknowledge it."""
        flushing = asyncio.create_task(self._flush_for_ever())
        ended = asyncio.create_task(stop.wait())
        try:
            await self._drive_again()
            while not stop.is_set():
                polling = asyncio.create_task(self._poll())
                await asyncio.wait({polling, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not polling.done():
                    polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)
        finally:
            ended.cancel()
            if not await self._lanes.drain(seconds=15):
                log.error("updates left under way", count=self._lanes.under_way)
            flushing.cancel()
            await self._flush()
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
            except (TelegramNetworkError, TelegramAPIError, ClientDecodeError) as error:
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
        batch = [update for update in batch if isinstance(update.get("update_id"), int)]
        fresh = await self._keep(batch) if batch else set()
        self._kept_at, self._is_waiting = time.monotonic(), True
        if not batch:
            return
        for update in batch:
            if update["update_id"] in fresh:
                fresh.discard(update["update_id"])
                await self._put(update)
        # The next call of getUpdates acknowledges all that is below this.
        self._offset = max(update["update_id"] for update in batch) + 1

    async def _keep(self, batch: list[RawUpdate]) -> set[int]:
        """Store the batch, or have Redis remember it; the ids that are to be handled."""
        ids = list({update["update_id"] for update in batch})
        try:
            fresh = await bridge.call(updates.store_updates, updates=batch, now=timezone.now())
        except DeskError:
            fresh = await bridge.call_outside(updates.claim_without_database, ids)
            self._look_back = True
        else:
            if self._look_back:
                fresh -= await self._seen_meanwhile(list(fresh))
        return fresh - self._in_hand

    async def _seen_meanwhile(self, ids: list[int]) -> set[int]:
        """After an outage some may have been handled with Redis alone."""
        try:
            seen = await bridge.call_outside(updates.seen_without_database, ids)
        except redis.RedisError:
            return set()
        self._handled |= seen
        self._look_back = False
        return seen

    async def _put(self, update: RawUpdate) -> None:
        key, sender = update["update_id"], updates.sender_id(update)
        is_flood = sender is not None and not self._admits(sender)
        self._in_hand.add(key)

        async def work() -> None:
            try:
                await self._handle(update, is_flood)
            finally:
                self._handled.add(key)
                self._in_hand.discard(key)
                self.handled_count += 1

        await self._lanes.put(sender or -key, work)

    async def _drive_again(self) -> None:
        """Handle what an earlier process left; a money tap's uid makes doing it twice harmless."""
        try:
            again, given_up = await bridge.call(updates.take_unhandled)
        except DeskError as error:
            log.warning("unhandled updates cannot be read yet", error=error.code)
            return
        if again or given_up:
            log.warning("driving updates again", again=len(again), given_up=len(given_up))
        for update in again:
            await self._put(update)
        for update in given_up:
            self._handled.add(update["update_id"])
            await self._give_up(update)

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            try:
                await self._flush()
            except Exception:  # the process loop
                log.exception("handled updates could not be marked")
                await asyncio.sleep(_FLUSH_PAUSE)

    async def _flush(self) -> None:
        if not self._handled:
            return
        done, self._handled = self._handled, set()
        try:
            await bridge.call(updates.mark_handled, update_ids=done, now=timezone.now())
        except DeskError:
            self._handled |= done
        except BaseException:
            # Cancelled, or worse: marking twice is harmless.
            self._handled |= done
            raise

    async def _acknowledge(self) -> None:
        """So that the next process is not told again what was handled here."""
        if self._offset is None:
            return
        try:
            await self._bot(GetRawUpdates(offset=self._offset, limit=1, timeout=0))
        except (TelegramAPIError, ClientDecodeError):
            log.warning("the last updates were not acknowledged; their rows remember them")
