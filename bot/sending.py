"""Telegram's limits on what goes out, kept before they are hit and obeyed when they are."""

import asyncio
import time
from collections import OrderedDict
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

_COUNTED = ("sendMessage", "sendPhoto", "editMessageText", "editMessageCaption")
# Longer than this nobody waits within a handler; the outbox comes back later.
_LONGEST_WAIT = 5.0
_CHATS_KEPT = 10_000


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


class UnreadableAnswers(BaseRequestMiddleware):
    """An answer that is none of Telegram's, such as a proxy's page, is a failure of the network.

    The library has an error of its own for it, which whoever minds Telegram's failures forgets.
    """

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        try:
            return await make_request(bot, method)
        except ClientDecodeError as error:
            raise TelegramNetworkError(method, "the answer cannot be read") from error


class OutgoingLimits(BaseRequestMiddleware):
    """30 messages a second over all, 1 a second to a chat with a short burst."""

    def __init__(
        self, *, per_second: float = 30, chat_per_second: float = 1, chat_burst: float = 15
    ) -> None:
        self._overall = TokenBucket(per_second=per_second, burst=per_second)
        self._chats = Buckets(per_second=chat_per_second, burst=chat_burst)

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        if method.__api_method__ in _COUNTED:
            chat = getattr(method, "chat_id", None)
            wait = max(self._overall.take(), self._chats.of(chat).take() if chat else 0.0)
            if wait:
                await asyncio.sleep(wait)
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as error:
            # Telegram did not carry it out, so that once more is safe.
            if error.retry_after > _LONGEST_WAIT:
                raise
            await asyncio.sleep(error.retry_after)
            return await make_request(bot, method)
