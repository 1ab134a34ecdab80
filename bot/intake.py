"""What every update goes through, however it came: a row first, then its handling, once."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import redis
from django.utils import timezone

from bot import updates
from bot.lanes import Lanes
from bot.updates import RawUpdate
from core import bridge
from core.errors import DeskError
from core.logs import get_logger

log = get_logger("desk.bot.intake")

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
_BROKEN_AFTER_SECONDS = 30.0
_FLUSH_SECONDS = 0.05
_FLUSH_PAUSE = 1.0
# Far more than a process may have in hand or unmarked.
_REMEMBERED = 20_000


class Intake:
    """Stores, hands on, marks as handled.

    `handle` gets one raw update, and whether it is one too many of its sender's (`admits` is asked
    as it arrives); it must not raise.
    """

    def __init__(
        self,
        *,
        handle: Callable[[RawUpdate, bool], Awaitable[None]],
        admits: Callable[[int], bool],
        give_up: Callable[[RawUpdate], Awaitable[None]],
    ) -> None:
        self._handle = handle
        self._admits = admits
        self._give_up = give_up
        self._lanes = Lanes()
        # What was taken here, and whether it is done.
        self._taken: dict[int, bool] = {}
        self._handled: set[int] = set()
        self._look_back = True
        self._kept_at: float | None = None
        self._flushing: asyncio.Task[None] | None = None
        self.handled_count = 0

    @property
    def is_open(self) -> bool:
        """Whether what came last was kept less than 30 s ago."""
        if self._kept_at is None:
            return False
        return time.monotonic() - self._kept_at < _BROKEN_AFTER_SECONDS

    def note_open(self) -> None:
        """All that there was to be kept is kept."""
        self._kept_at = time.monotonic()

    async def start(self) -> None:
        """Begin, with what an earlier process has left."""
        self._flushing = asyncio.create_task(self._flush_for_ever())
        await self._drive_again()

    async def finish(self) -> None:
        """Finish what is under way and mark it."""
        if not await self._lanes.drain(seconds=15):
            log.error("updates left under way", count=self._lanes.under_way)
        if self._flushing is not None:
            self._flushing.cancel()
        await self._flush()

    async def take(self, batch: list[RawUpdate]) -> None:
        """Keep a batch and hand on what is new in it.

        Raises DeskError or redis.RedisError where it cannot be kept: then it was not received.
        """
        batch = [update for update in batch if isinstance(update.get("update_id"), int)]
        fresh = await self._keep(batch) if batch else set()
        self.note_open()
        for update in batch:
            if update["update_id"] in fresh:
                fresh.discard(update["update_id"])
                await self._put(update)

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
        # The rows say late what was taken here: a batch may have been read before they were marked,
        # and what came without the database has a row only now, by its repeat.
        self._handled |= {key for key in fresh if self._taken.get(key)}
        return fresh - self._taken.keys()

    async def _seen_meanwhile(self, ids: list[int]) -> set[int]:
        """After an outage some may have been handled with Redis alone."""
        # Nor need a server that crashed remember the last marks.
        self._handled |= {key for key, is_done in self._taken.items() if is_done}
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
        self._taken[key] = False
        if len(self._taken) > _REMEMBERED:
            del self._taken[next(iter(self._taken))]

        async def work() -> None:
            try:
                await self._handle(update, is_flood)
            finally:
                if key in self._taken:
                    self._taken[key] = True
                self._handled.add(key)
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
            self._look_back = True
        except BaseException:
            # Cancelled, or worse: marking twice is harmless.
            self._handled |= done
            raise
