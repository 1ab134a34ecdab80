"""What waits for a tap: the exact act under a random id; the button carries that id alone."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.errors import Unavailable

# Of the form below: one that an older desk wrote is not acted on.
VERSION = 2
ORDER_VALID = timedelta(seconds=20)
DEPOSIT_VALID = timedelta(seconds=120)
CHANGE_VALID = timedelta(seconds=60)
# An expired act is kept for a while, so that its card can offer a new quote of the same wish.
_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class PendingAct:
    """An act as its card showed it; only its owner may tap it, until it expires."""

    uid: str
    kind: str
    owner: int
    chat_id: int
    content: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime
    version: int = VERSION
    state: str = "open"

    def is_expired(self, now: datetime) -> bool:
        return now >= self.expires_at


class PendingActs:
    """Keeps pending acts in Redis. Raises Unavailable("redis.down")."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def keep(
        self,
        *,
        kind: str,
        owner: int,
        chat_id: int,
        content: Mapping[str, Any],
        valid: timedelta,
        now: datetime,
        uid: str = "",
    ) -> PendingAct:
        """Store an act under a random id (or a given one, if that is not taken)."""
        act = PendingAct(
            uid=uid or secrets.token_urlsafe(18),
            kind=kind,
            owner=owner,
            chat_id=chat_id,
            content=content,
            created_at=now,
            expires_at=now + valid,
        )
        await self._write(act, only_new=bool(uid))
        return act

    async def find(self, uid: str) -> PendingAct | None:
        """The act under an id; None for one that never was, is forgotten, or is of an old form."""
        try:
            stored = await self._redis.get(_key(uid))
        except RedisError as error:
            raise Unavailable("redis.down") from error
        if stored is None:
            return None
        said = json.loads(stored)
        if said.pop("version") != VERSION:
            return None
        for name in ("created_at", "expires_at"):
            said[name] = datetime.fromisoformat(said[name])
        return PendingAct(**said)

    async def note(self, act: PendingAct, state: str) -> None:
        """Remember what became of it: used, refused by its owner, replaced by a new quote."""
        await self._write(replace(act, state=state))

    async def _write(self, act: PendingAct, *, only_new: bool = False) -> None:
        body = json.dumps(asdict(act), default=_plain)
        try:
            await self._redis.set(_key(act.uid), body, ex=_KEPT_SECONDS, nx=only_new)
        except RedisError as error:
            raise Unavailable("redis.down") from error


def _key(uid: str) -> str:
    return f"pending:{uid}"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
