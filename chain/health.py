"""How a node fares: errors, latency, how far it is behind the others, and when to ask it again."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from core.errors import Misconfigured
from core.metrics import record_rpc_node
from core.redis import redis

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
# What a node may ask of us by Retry-After; beyond that we look ourselves.
_LONGEST_OBEYED_SECONDS = 120.0
_WEIGHT = 0.1  # of the newest call in the averages
# Further behind than this a node is asked last.
LAG_SLOTS = 50
_TOLD_EVERY_SECONDS = 5.0
_KEY = "rpc:health"
_KEPT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class HealthFacts:
    """One node, as one process has met it."""

    node: str
    error_rate: float
    latency_ms: int
    lag_slots: int
    set_aside_seconds: float
    calls: int


class Health:
    """What this process knows of a node; kept by its calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self.error_rate = 0.0
        self.latency_seconds = 0.0
        self.calls = 0
        self.slot = 0
        self.usable_at = 0.0
        self.forbidden_until = 0.0

    def note_answer(self, seconds: float) -> None:
        with self._lock:
            self._failures = 0
            self.usable_at = 0.0
            self._average(seconds, failed=False)

    def note_failure(self, seconds: float) -> None:
        """Set the node aside, twice as long after each failure in a row."""
        with self._lock:
            pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(self._failures, 10))
            self._failures += 1
            self.usable_at = time.monotonic() + pause
            self._average(seconds, failed=True)

    def note_refusal(self, seconds: float, retry_after: float) -> None:
        """The node said when to come back: until then it is not asked at all."""
        with self._lock:
            pause = min(_LONGEST_OBEYED_SECONDS, max(retry_after, 0.0))
            self.forbidden_until = time.monotonic() + pause
            self.usable_at = self.forbidden_until
            self._average(seconds, failed=True)

    def note_slot(self, slot: int) -> None:
        with self._lock:
            self.slot = max(self.slot, slot)

    def _average(self, seconds: float, *, failed: bool) -> None:
        self.calls += 1
        weight = max(_WEIGHT, 1 / self.calls)
        self.error_rate += (float(failed) - self.error_rate) * weight
        self.latency_seconds += (seconds - self.latency_seconds) * weight

    @property
    def is_forbidden(self) -> bool:
        return time.monotonic() < self.forbidden_until

    @property
    def is_set_aside(self) -> bool:
        return time.monotonic() < self.usable_at

    def facts(self, node: str, *, newest_slot: int) -> HealthFacts:
        return HealthFacts(
            node=node,
            error_rate=round(self.error_rate, 3),
            latency_ms=int(self.latency_seconds * 1000),
            lag_slots=max(0, newest_slot - self.slot) if self.slot else 0,
            set_aside_seconds=round(max(0.0, self.usable_at - time.monotonic()), 1),
            calls=self.calls,
        )


_told_at = float("-inf")


def tell_health(facts: tuple[HealthFacts, ...]) -> None:
    """Let the pages and /metrics know, every few seconds at the most; nobody waits for that."""
    global _told_at
    now = time.monotonic()
    if now - _told_at < _TOLD_EVERY_SECONDS:
        return
    _told_at = now
    for each in facts:
        record_rpc_node(
            node=each.node,
            error_rate=each.error_rate,
            lag_slots=each.lag_slots,
            set_aside=each.set_aside_seconds > 0,
        )
    told: dict[Any, Any] = {
        each.node: json.dumps(
            {
                "error_rate": each.error_rate,
                "latency_ms": each.latency_ms,
                "lag_slots": each.lag_slots,
                "set_aside_seconds": each.set_aside_seconds,
            }
        )
        for each in facts
    }
    try:
        with redis().pipeline(transaction=False) as pipe:
            pipe.hset(_KEY, mapping=told)
            pipe.expire(_KEY, _KEPT_SECONDS)
            pipe.execute()
    except (RedisError, Misconfigured):
        return


def read_health() -> Mapping[str, Mapping[str, Any]]:
    """What the process that spoke last knows of each node; nothing while Redis is down."""
    try:
        found: Any = redis().hgetall(_KEY)
    except (RedisError, Misconfigured):
        return {}
    return {name.decode(): json.loads(told) for name, told in found.items()}
