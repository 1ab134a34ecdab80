"""Telegram's limits on what goes out, kept before they are hit and obeyed when they are."""

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.budget import Budget

_COUNTED = ("sendMessage", "sendPhoto", "editMessageText", "editMessageCaption")
# Longer than this nobody waits for Telegram within a handler; the outbox comes back later.
_LONGEST_WAIT = 5.0
# What waits for its turn in the budget; who can come back has less patience.
_patience: ContextVar[float] = ContextVar("telegram_patience_seconds", default=60.0)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Within: what would wait longer for its turn raises TelegramRetryAfter instead."""
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


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
    """What is sent or edited waits for its turn in the budget; Telegram's own pauses stop it."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        is_counted = method.__api_method__ in _COUNTED
        if is_counted:
            await self._take_turn(method)
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as error:
            if is_counted:
                await self._budget.pause(_chat(method), seconds=error.retry_after)
            # Telegram did not carry it out, so that once more is safe.
            if error.retry_after > min(_LONGEST_WAIT, _patience.get()):
                raise
            await asyncio.sleep(error.retry_after)
            return await make_request(bot, method)

    async def _take_turn(self, method: TelegramMethod[TelegramType]) -> None:
        may_go, wait = await self._budget.reserve(_chat(method), patience=_patience.get())
        if not may_go:
            raise TelegramRetryAfter(method, "the budget is spent", math.ceil(wait))
        if wait:
            await asyncio.sleep(wait)


def _chat(method: TelegramMethod[TelegramType]) -> int | str | None:
    chat: int | str | None = getattr(method, "chat_id", None)
    return chat
