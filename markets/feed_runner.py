"""Runs one feed: keeps its prices, tells what is odd, and hands batches on while it leads."""

import asyncio
import zlib
from collections.abc import Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from core import bridge, heartbeat
from core.errors import DeskError
from core.registry import provider
from core.sole_part import Holding, SolePart
from markets.feeds import Feed
from markets.price_events import PriceEvent, new_gaps, stands_still, tell_listeners
from markets.price_history import note_prices
from markets.price_watch import PriceWatch
from markets.prices import Price, keep_prices

log = structlog.get_logger(__name__)
_LOOK_SECONDS = 1.0
_BEAT_SECONDS = 2.0
_COMPARE_SECONDS = 5.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 15.0
# Silence that is told of when it ends; stale prices are told of by themselves.
_GAP = timedelta(seconds=10)


async def run_feed(key: str, stop: asyncio.Event) -> None:
    """Run the feed of this key until `stop`, and only while no other process does.

    Who leads is a lock of a database session, free within a second of its process' death. While
    the database does not answer nobody can tell: then every feed keeps prices, which does no harm
    twice, and none hands them on.
    """
    runner = FeedRunner(key, provider("FEEDS", key))
    # Any number, the same for all processes that run this feed.
    part = SolePart(zlib.crc32(f"feed {key}".encode()) & 0x7FFFFFFF)
    following: asyncio.Task[None] | None = None
    try:
        while not stop.is_set():
            holding = await part.take()
            runner.leads = holding is Holding.OURS
            if holding is Holding.ANOTHERS:
                if following is not None:
                    await _end(following)
                    following = None
                    runner.forget()
                await runner.beat(standby=True)
            elif following is None:
                following = asyncio.create_task(runner.follow())
                log.info("feed_runs", feed=key, leads=runner.leads)
            await runner.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
    finally:
        if following is not None:
            await _end(following)
        await part.leave()


class FeedRunner:
    """What a process does with the batches of one feed."""

    def __init__(self, key: str, feed: Feed) -> None:
        self._key, self._feed = key, feed
        self._watch = PriceWatch(feed.lifetime)
        self._process = "feed" if key == "oracles" else f"feed_{key}"
        self._consumers = [Consumer(path) for path in settings.PRICE_CONSUMERS]
        self._facts: dict[str, Any] = {"prices": 0, "gaps": 0, "late": 0}
        self._batch_at: datetime | None = None
        self._beaten_at = self._compared_at = float("-inf")
        self.leads = False

    async def follow(self) -> None:
        """Take batches until cancelled; a feed that fails in a way of its own begins anew."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                async with aclosing(self._feed.stream()) as batches:
                    async for prices in batches:
                        await self.take(prices, now=datetime.now(UTC))
                        pause = _FIRST_PAUSE_SECONDS
            except Exception:  # a process's loop
                log.exception("feed_failed", feed=self._key, again_in_seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def take(self, prices: Sequence[Price], *, now: datetime) -> None:
        """Keep one batch, and hand on what moved. A Redis that is down costs this batch alone."""
        if self._batch_at is not None and now - self._batch_at > _GAP:
            self._facts["gaps"] += 1
            silent = round((now - self._batch_at).total_seconds(), 1)
            log.warning("feed_gap", feed=self._key, seconds=silent)
        self._batch_at = now
        taken = self._watch.take(prices, now=now)
        self._facts |= {"prices": len(taken.fresh), "late": self._facts["late"] + taken.late}
        try:
            events = await bridge.call_outside(self._keep, taken.fresh, now)
        except RedisError as error:
            log.warning("prices_not_kept", feed=self._key, reason=type(error).__name__)
        else:
            await self.beat()
            await self._tell(events, now)
        if self.leads and taken.moved:
            for consumer in self._consumers:
                consumer.offer(taken.moved, now)

    async def look(self) -> None:
        """Tell of prices that have begun to stand still, and of those that move again."""
        now = datetime.now(UTC)
        worse, better = self._watch.turned(now=now)
        await self._tell([stands_still(price) for price in worse], now)
        for price in better:
            log.info("price.fresh_again", token=price.token, source=price.source)

    def forget(self) -> None:
        """Another leads now: what was seen here says nothing about the prices any more."""
        self._watch = PriceWatch(self._feed.lifetime)
        self._batch_at = None

    async def beat(self, *, standby: bool = False) -> None:
        """A sign of life every few seconds; of a feed that follows only with prices."""
        clock = asyncio.get_running_loop().time()
        if clock - self._beaten_at < _BEAT_SECONDS:
            return
        self._beaten_at = clock
        name = f"{self._process}_standby" if standby else self._process
        facts = {"leader": False} if standby else self._all_facts(datetime.now(UTC))
        try:
            await bridge.call_outside(heartbeat.beat, name, **facts)
        except RedisError as error:
            log.warning("heartbeat_lost", reason=type(error).__name__)

    def _all_facts(self, now: datetime) -> dict[str, Any]:
        youngest = self._watch.youngest()
        lag = None if youngest is None else round((now - youngest.observed_at).total_seconds(), 1)
        told = {"leader": self.leads, "lag_seconds": lag, "stale": self._watch.stale_names()}
        handed = {consumer.path: consumer.handed for consumer in self._consumers}
        return self._facts | told | ({"handed": handed} if handed else {}) | self._feed.facts()

    def _keep(self, fresh: Sequence[Price], now: datetime) -> list[PriceEvent]:
        keep_prices(fresh, lifetime=self._feed.lifetime, now=now)
        note_prices(fresh)
        clock = now.timestamp()
        if not self.leads or clock - self._compared_at < _COMPARE_SECONDS:
            return []
        self._compared_at = clock
        return new_gaps(fresh)

    async def _tell(self, events: Sequence[PriceEvent], now: datetime) -> None:
        for event in events:
            log.warning(event.kind, **event.facts)
            if not settings.PRICE_EVENTS:
                continue
            try:
                await bridge.call(tell_listeners, event, now=now)
            except DeskError as error:
                log.warning("price_event_lost", kind=event.kind, reason=error.code)


class Consumer:
    """One of settings.PRICE_CONSUMERS: one call at a time, and what comes meanwhile is next."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.handed = 0
        self._waiting: dict[tuple[str, str], Price] = {}
        self._now = datetime.min.replace(tzinfo=UTC)
        self._task: asyncio.Task[None] | None = None

    def offer(self, prices: Sequence[Price], now: datetime) -> None:
        """Hand these on soon; of each source and token the newest is enough."""
        self._waiting |= {(price.source, price.token): price for price in prices}
        self._now = now
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._hand_on())

    async def _hand_on(self) -> None:
        while self._waiting:
            prices, self._waiting = tuple(self._waiting.values()), {}
            try:
                await bridge.call(import_string(self.path), prices, self._now)
                self.handed += 1
            except DeskError as error:
                log.warning("prices_not_handed_on", consumer=self.path, reason=error.code)
            except Exception:  # whoever takes them may fail in any way, and prices go on
                log.exception("prices_not_handed_on", consumer=self.path)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
