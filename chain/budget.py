"""One budget of requests for the whole desk: what all processes together may ask of the nodes.

A bucket in Redis that fills at SOLANA_RPC_REQUESTS_PER_SECOND and holds two seconds' worth. What
moves money may empty it; ordinary reads leave a fifth to it, and the backstop's polling half. With
Redis down each process keeps to a bucket of its own, a part of the rate.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from core.errors import Misconfigured, Unavailable
from core.redis import redis


class Priority(StrEnum):
    MONEY = "money"
    READS = "reads"
    BACKSTOP = "backstop"


_MONEY = frozenset(
    {"sendTransaction", "simulateTransaction", "getLatestBlockhash", "getRecentPrioritizationFees"}
)
# How much of the bucket each leaves to those before it, in hundredths.
_LEAVES = {Priority.MONEY: 0, Priority.READS: 20, Priority.BACKSTOP: 50}
# How long each waits for its turn; money then goes all the same: a node may still take it.
_PATIENCE_SECONDS = {Priority.MONEY: 1.0, Priority.READS: 2.0, Priority.BACKSTOP: 5.0}
_BURST_SECONDS = 2
# Without Redis nobody knows of the others: this many processes are reckoned with.
_PROCESSES = 4
_KEY = "rpc:budget"
# Thousandths of a request, on the server's own clock; returns how many milliseconds to wait.
_TAKE = """
local rate, leaves = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local full = rate * 1000 * tonumber(ARGV[3])
local held = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(held[1]) or full, tonumber(held[2]) or now
level = math.min(full, level + math.max(0, now - at) * rate)
local short = 1000 + full * leaves / 100 - level
if short <= 0 then level = level - 1000 end
redis.call('HSET', KEYS[1], 'level', level, 'at', now)
redis.call('PEXPIRE', KEYS[1], 60000)
if short <= 0 then return 0 end
return math.ceil(short / rate)
"""
_asked_as: ContextVar[Priority | None] = ContextVar("rpc_priority", default=None)


class _LocalBucket:
    """What this process alone may ask while Redis is down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._level_ms: int | None = None
        self._at_ms = 0

    def take(self, rate: int, leaves: int) -> int:
        with self._lock:
            now = time.monotonic_ns() // 1_000_000
            full = rate * 1000 * _BURST_SECONDS
            held = full if self._level_ms is None else self._level_ms
            held = min(full, held + (now - self._at_ms) * rate)
            short = 1000 + full * leaves // 100 - held
            self._level_ms, self._at_ms = held - (1000 if short <= 0 else 0), now
            return 0 if short <= 0 else -(-short // rate)


_local = _LocalBucket()


@contextmanager
def asking_as(priority: Priority) -> Iterator[None]:
    """Within the block requests count as of this priority; what moves money stays money."""
    token = _asked_as.set(priority)
    try:
        yield
    finally:
        _asked_as.reset(token)


def take_request(method: str) -> None:
    """Wait for this request's turn. Raises Unavailable("chain.budget_spent") if it is too long."""
    rate = settings.ENVIRONMENT.solana_rpc_requests_per_second
    priority = Priority.MONEY if method in _MONEY else _asked_as.get() or Priority.READS
    until = time.monotonic() + _PATIENCE_SECONDS[priority]
    while (wait_ms := _take(rate, _LEAVES[priority])) > 0:
        left = until - time.monotonic()
        if left <= 0:
            if priority is Priority.MONEY:
                return
            raise Unavailable("chain.budget_spent", priority=str(priority))
        time.sleep(min(wait_ms / 1000, left))


def _take(rate: int, leaves: int) -> int:
    try:
        answer: Any = redis().eval(_TAKE, 1, _KEY, str(rate), str(leaves), str(_BURST_SECONDS))
        return int(answer)
    except (RedisError, Misconfigured):
        return _local.take(max(1, rate // _PROCESSES), leaves)
