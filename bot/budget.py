"""Telegram's limits as one budget of all senders, kept in Redis on its server's clock."""

import math
import time
from collections import OrderedDict
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.logs import get_logger

log = get_logger("desk.bot.budget")
_CHATS_KEPT = 10_000
# Two chats that are told to wait within so many seconds: then it is the bot that sends too much.
_TOGETHER_SECONDS = 10
# While Redis is down, messages do not each wait for it.
_ALONE_SECONDS = 5.0

# Each bucket may go below zero, by which what waits has its turn. Nothing is taken of any bucket
# where the wait would be longer than the caller's patience.
_RESERVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local patience, wait, left = tonumber(ARGV[1]), 0, {}
for at = 1, 2 do
  wait = math.max(wait, redis.call('PTTL', KEYS[at]))
end
for at = 3, #KEYS do
  local per_second, burst = tonumber(ARGV[2 * at - 4]), tonumber(ARGV[2 * at - 3])
  local kept = redis.call('HMGET', KEYS[at], 'left', 'at')
  local tokens = tonumber(kept[1]) or burst
  tokens = math.min(burst, tokens + (now - (tonumber(kept[2]) or now)) * per_second / 1000)
  left[at] = tokens - 1
  wait = math.max(wait, -left[at] * 1000 / per_second)
end
if wait > patience then
  return {0, math.ceil(wait)}
end
for at = 3, #KEYS do
  local per_second, burst = tonumber(ARGV[2 * at - 4]), tonumber(ARGV[2 * at - 3])
  redis.call('HSET', KEYS[at], 'left', tostring(left[at]), 'at', now)
  redis.call('PEXPIRE', KEYS[at], math.ceil((burst - left[at]) * 1000 / per_second) + 1000)
end
return {1, math.ceil(wait)}
"""
# Whose wait it is: the chat's; or everybody's, where another chat was told to wait a moment ago.
_PAUSE = """
local before = redis.call('GET', KEYS[3])
redis.call('SET', KEYS[2], 1, 'PX', ARGV[2])
redis.call('SET', KEYS[3], ARGV[1], 'EX', ARGV[3])
if ARGV[1] == '' or (before and before ~= ARGV[1]) then
  redis.call('SET', KEYS[1], 1, 'PX', ARGV[2])
  return 1
end
return 0
"""


class TokenBucket:
    """`burst` at once, then `per_second` for good."""

    def __init__(self, *, per_second: float, burst: float) -> None:
        self._per_second, self._burst = per_second, burst
        self._tokens, self._filled_at = burst, time.monotonic()

    def take(self) -> float:
        """Take one token, also a future one; the seconds until it is due."""
        self._fill()
        self._tokens -= 1
        return max(0.0, -self._tokens / self._per_second)

    def try_take(self) -> bool:
        """Take one token if there is one now."""
        self._fill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _fill(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now


class Buckets:
    """A bucket for each key, the least lately used forgotten first."""

    def __init__(self, *, per_second: float, burst: float, kept: int = _CHATS_KEPT) -> None:
        self._per_second, self._burst, self._kept = per_second, burst, kept
        self._buckets: OrderedDict[Any, TokenBucket] = OrderedDict()

    def of(self, key: Any) -> TokenBucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = TokenBucket(per_second=self._per_second, burst=self._burst)
            self._buckets[key] = bucket
            if len(self._buckets) > self._kept:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket


class Budget:
    """30 messages a second over all, 1 a second to a chat, 20 a minute to a group.

    Without Redis each process keeps to the same limits by itself. Redis emptied in mid-run is a
    full budget once more, and what Telegram says to that is obeyed.
    """

    def __init__(
        self,
        redis: "Redis",
        *,
        bot_id: int,
        per_second: float = 30,
        burst: float = 30,
        chat_per_second: float = 1,
        chat_burst: float = 15,
    ) -> None:
        self._prefix = f"telegram:{bot_id}"
        self._overall, self._chat = (per_second, burst), (chat_per_second, chat_burst)
        # 4 at once and 16 more within the minute.
        self._group = (16 / 60, 4)
        self._reserve: Any = redis.register_script(_RESERVE)
        self._pause: Any = redis.register_script(_PAUSE)
        self._alone_until = float("-inf")
        self._own = TokenBucket(per_second=per_second, burst=burst)
        self._own_chats = Buckets(per_second=chat_per_second, burst=chat_burst)

    async def reserve(self, chat: int | str | None, *, patience: float) -> tuple[bool, float]:
        """Whether a message may go, and after how many seconds; not if that is past `patience`."""
        keys = [f"{self._prefix}:pause", f"{self._prefix}:pause:{chat}", f"{self._prefix}:all"]
        limits = [*self._overall]
        if chat is not None:
            keys.append(f"{self._prefix}:chat:{chat}")
            limits += self._group if _is_group(chat) else self._chat
        if time.monotonic() < self._alone_until:
            return True, self._reserve_alone(chat)
        try:
            taken, wait = await self._reserve(keys=keys, args=[int(patience * 1000), *limits])
        except RedisError as error:
            log.warning("telegram_budget_is_not_shared", error=type(error).__name__)
            self._alone_until = time.monotonic() + _ALONE_SECONDS
            return True, self._reserve_alone(chat)
        return bool(taken), max(0, wait) / 1000

    def _reserve_alone(self, chat: int | str | None) -> float:
        """How long this process alone has to wait for its turn."""
        wait = self._own_chats.of(chat).take() if chat is not None else 0.0
        return max(self._own.take(), wait)

    async def pause(self, chat: int | str | None, *, seconds: float) -> None:
        """Telegram says to wait: this chat does, and everybody if another chat does already."""
        keys = [f"{self._prefix}:pause", f"{self._prefix}:pause:{chat}", f"{self._prefix}:paused"]
        told = "" if chat is None else str(chat)
        args = [told, max(1, math.ceil(seconds * 1000)), _TOGETHER_SECONDS]
        try:
            if await self._pause(keys=keys, args=args):
                log.warning("telegram_pauses_everything", wait_seconds=seconds)
        except RedisError as error:
            log.warning("telegram_pause_is_not_shared", error=type(error).__name__)


def _is_group(chat: int | str) -> bool:
    return str(chat).startswith(("-", "@"))
