"""Telegram's flood limits: so many messages a second to a chat, to a group, and over all."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.telegram.errors import too_many_requests


@dataclass(slots=True)
class Limit:
    """A token bucket's rule: `burst` at once, then `per_second` for good; 0 means no limit."""

    per_second: float
    burst: float


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class FloodLimits:
    """What a bot may send; the rules are Telegram's published ones and can be set by tests."""

    def __init__(self) -> None:
        self.overall = Limit(per_second=30, burst=30)
        # "We may allow short bursts that go over this limit, but eventually you'll begin receiving
        # 429 errors", says Telegram's FAQ about 1 message a second.
        self.chat = Limit(per_second=1, burst=20)
        self.group = Limit(per_second=20 / 60, burst=20)
        self._buckets: dict[str, _Bucket] = {}

    def spend(self, *, chat_id: int, is_group: bool, now: float) -> None:
        """Count one message at `now` (seconds), or refuse it with the seconds to wait."""
        rules = [("overall", self.overall)]
        rules.append((f"chat {chat_id}", self.group if is_group else self.chat))
        active = [(name, rule) for name, rule in rules if rule.per_second > 0]
        for name, rule in active:
            bucket = self._filled(name, rule, now)
            if bucket.tokens < 1:
                wait = (1 - bucket.tokens) / rule.per_second
                raise too_many_requests(max(1, math.ceil(wait)))
        for name, _ in active:
            self._buckets[name].tokens -= 1

    def _filled(self, name: str, rule: Limit, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(name, _Bucket(rule.burst, now))
        passed = max(0.0, now - bucket.filled_at)
        bucket.tokens = min(rule.burst, bucket.tokens + passed * rule.per_second)
        bucket.filled_at = now
        return bucket

    def as_json(self) -> dict[str, dict[str, float]]:
        return {name: asdict(getattr(self, name)) for name in ("overall", "chat", "group")}

    def configure(self, rules: dict[str, Any]) -> None:
        """Set any of `overall`, `chat`, `group` to {per_second, burst}; buckets start full."""
        for name in ("overall", "chat", "group"):
            if name in rules:
                rule = rules[name]
                setattr(self, name, Limit(float(rule["per_second"]), float(rule["burst"])))
        self._buckets.clear()
