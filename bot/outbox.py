"""The sender: takes what waits in the outbox and brings the chats up to date."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
)
from django.utils import timezone

from alerts import services
from alerts.enums import Lane
from alerts.services import OutboxCard
from bot.cards import Cards
from bot.news import News
from bot.sending import patience
from bot.silence import note_silent, silent_among
from core import bridge
from core.context import acting_in, new_trace_id
from core.errors import DeskError, NotFound
from core.logs import get_logger

log = get_logger("desk.bot.outbox")
_IDLE_SECONDS = 0.4
_DOWN_SECONDS = 2.0
_AT_ONCE = 8
# A chat that has to wait longer for its turn keeps nobody else waiting: it comes back later.
_PATIENCE_SECONDS = 1.0
_MAX_ATTEMPTS = 30


class OutboxSender:
    """Claims under a lease, shows, marks. A crash in between ends in the same edit."""

    def __init__(self, cards: Cards, news: News) -> None:
        self._cards = cards
        self._news = news
        self._room = asyncio.Semaphore(_AT_ONCE)
        self.delivered_count = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`; what is claimed by then is finished."""
        while not stop.is_set():
            pause = _IDLE_SECONDS
            try:
                if await self.send_due():
                    pause = 0.05
            except DeskError:
                pause = _DOWN_SECONDS
            except Exception:  # the process loop
                log.exception("the outbox stumbled")
                pause = _DOWN_SECONDS
            try:
                await asyncio.wait_for(stop.wait(), timeout=pause)
            except TimeoutError:
                continue

    async def send_due(self) -> int:
        """One round; how many cards were due."""
        cards = await bridge.call(services.claim_cards, now=timezone.now())
        if not cards:
            return 0
        chats = [card.telegram_id for card in cards if card.telegram_id is not None]
        silent = await bridge.call(silent_among, chat_ids=chats, now=timezone.now())
        with acting_in(channel="telegram", trace_id=new_trace_id(), actor_id=None):
            results = await asyncio.gather(*(self._deliver(card, silent) for card in cards))
        delivered = [card for card, done in zip(cards, results, strict=True) if done]
        if delivered:
            await bridge.call(services.mark_delivered, cards=delivered, now=timezone.now())
            self.delivered_count += len(delivered)
        return len(cards)

    async def _deliver(self, card: OutboxCard, silent: frozenset[int]) -> bool:
        """Whether the chat shows the card; else the rows say what is to be done about it."""
        async with self._room:
            if card.telegram_id is None:
                return await self._give_up(card, "the person has no Telegram chat")
            if card.telegram_id in silent:
                return await self._give_up(card, "the person has blocked the bot")
            try:
                with patience(_PATIENCE_SECONDS):
                    return await self._show(card, card.telegram_id)
            except TelegramRetryAfter as error:
                return await self._put_off(card, str(error), timedelta(seconds=error.retry_after))
            except TelegramForbiddenError as error:
                await _quietly(
                    bridge.call(note_silent, chat_id=card.telegram_id, now=timezone.now())
                )
                return await self._give_up(card, error.message)
            except NotFound as error:
                return await self._give_up(card, str(error))
            except TelegramBadRequest as error:
                if "chat not found" in error.message or card.attempts >= _MAX_ATTEMPTS:
                    return await self._give_up(card, error.message)
                return await self._put_off(card, error.message)
            except (TelegramAPIError, DeskError) as error:
                return await self._put_off(card, f"{type(error).__name__}: {error}")
            except Exception as error:  # one card must not hold up the others
                log.exception("a card could not be shown", card=card.card)
                return await self._put_off(card, f"{type(error).__name__}")

    async def _show(self, card: OutboxCard, chat_id: int) -> bool:
        if card.lane == Lane.MONEY or card.user_id is None:
            await self._cards.show(
                user_id=card.user_id,
                chat_id=chat_id,
                subject_type=card.subject_type,
                subject_id=card.subject_id,
            )
            return True
        now = timezone.now()
        held_until = await self._news.tell(card=card, chat_id=chat_id, now=now)
        if held_until is None:
            return True
        return await self._put_off(card, "quiet hours", held_until - now)

    async def _put_off(self, card: OutboxCard, error: str, after: timedelta | None = None) -> bool:
        log.info("a card waits", card=card.card, error=error[:200])
        return await _quietly(
            bridge.call(
                services.put_off_card, card=card, now=timezone.now(), error=error, after=after
            )
        )

    async def _give_up(self, card: OutboxCard, error: str) -> bool:
        log.info("a card is undeliverable", card=card.card, error=error[:200])
        return await _quietly(bridge.call(services.give_up_card, card=card, error=error))


async def _quietly(marking: Awaitable[None]) -> bool:
    try:
        await marking
    except DeskError:
        # The lease runs out by itself.
        log.warning("the outbox could not be marked")
    return False
