"""Where a person stands in a flow: in Redis, so that it survives a restart."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from aiogram.fsm.storage.base import DefaultKeyBuilder, StateType, StorageKey
from aiogram.fsm.storage.redis import RedisStorage
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.errors import Unavailable

_KEPT = timedelta(hours=24)
# Who was seen to have nothing in store when this update began: then leaving a flow is no work.
# A person's updates are handled one after another, so that nobody else enters one meanwhile.
_empty: ContextVar[StorageKey | None] = ContextVar("empty", default=None)


class FlowStorage(RedisStorage):
    """Reads as "in no flow" while Redis is down, so that commands still answer.

    Entering or leaving a flow then raises Unavailable("redis.down").
    """

    def __init__(self, redis: "Redis") -> None:
        super().__init__(
            redis,
            key_builder=DefaultKeyBuilder(prefix="flow", with_bot_id=False),
            state_ttl=_KEPT,
            data_ttl=_KEPT,
        )
        self.is_down = False

    async def get_state(self, key: StorageKey) -> str | None:
        # One round trip for both: a flow may have data before it has a state.
        names = [self.key_builder.build(key, part) for part in ("state", "data")]
        _empty.set(None)
        try:
            state, data = await self.redis.mget(names)
        except RedisError:
            self.is_down = True
            return None
        self.is_down = False
        if state is None and data is None:
            _empty.set(key)
        return state.decode() if isinstance(state, bytes) else state

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        if state is None and _empty.get() == key:
            return
        _empty.set(None)
        try:
            await super().set_state(key, state)
        except RedisError as error:
            if state is not None:
                raise Unavailable("redis.down") from error

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        try:
            return await super().get_data(key)
        except RedisError as error:
            raise Unavailable("redis.down") from error

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        if not data and _empty.get() == key:
            return
        _empty.set(None)
        try:
            await super().set_data(key, data)
        except RedisError as error:
            if data:
                raise Unavailable("redis.down") from error
