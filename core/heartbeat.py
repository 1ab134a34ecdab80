"""Signs of life of the processes that answer nobody: the bot, the feed."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.redis import redis

KEPT_SECONDS = 24 * 3600
PROCESSES = ("bot", "feed")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When a process last said that it works, and what it said of itself."""

    process: str
    at: datetime
    pid: int
    facts: Mapping[str, Any]

    def age(self, *, now: datetime) -> timedelta:
        return now - self.at


def beat(process: str, **facts: Any) -> None:
    """Say that `process` works, with facts of its own (JSON data); to be called every 5 s or so.

    Raises redis.RedisError after 2 s at the latest.
    """
    said = {"at": datetime.now(UTC).isoformat(), "pid": os.getpid(), "facts": facts}
    redis().set(_key(process), json.dumps(said, default=str), ex=KEPT_SECONDS)


def read(process: str) -> Heartbeat | None:
    """The last sign of life; None when there was none for a day. Raises redis.RedisError."""
    stored: Any = redis().get(_key(process))
    if stored is None:
        return None
    said = json.loads(stored)
    return Heartbeat(
        process=process,
        at=datetime.fromisoformat(said["at"]),
        pid=int(said["pid"]),
        facts=said["facts"],
    )


def _key(process: str) -> str:
    return f"heartbeat:{process}"
