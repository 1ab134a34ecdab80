"""Every update comes in here: who it is, whether they may, and an answer whatever happens."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware, Bot
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.types import (
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    Message,
    TelegramObject,
    Update,
    User,
)

from bot.budget import Buckets
from bot.context import Reply, Tap, now
from bot.people import People
from bot.silence import note_back, note_silent
from bot.texts.common import EDITED, PRIVATE_ONLY, SLOW_DOWN
from bot.texts.errors import apology, error_text
from core import bridge, metrics
from core.context import acting_in, current, new_trace_id
from core.errors import DeskError, Refused
from core.logs import get_logger

log = get_logger("desk.bot")
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Reception(BaseMiddleware):
    """Outer middleware of all updates: context, limits, person; errors become answers."""

    def __init__(self, people: People, *, per_second: float = 3, burst: float = 20) -> None:
        self._people = people
        self._patience = Buckets(per_second=per_second, burst=burst)
        self._warnings = Buckets(per_second=0.1, burst=1)

    def admits(self, telegram_id: int) -> bool:
        """Asked when an update arrives, not when its turn comes: whether it is one too many."""
        return self._patience.of(telegram_id).try_take()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        assert isinstance(event, Update)
        if event.my_chat_member is not None:
            await _note_membership(event.my_chat_member)
            return
        happened = event.message or event.callback_query or event.edited_message
        if happened is None or happened.from_user is None:
            return
        with acting_in(channel="telegram", trace_id=new_trace_id(), actor_id=None):
            outcome = await self._receive(handler, event, happened, data)
        metrics.count_update(outcome=outcome)

    async def _receive(
        self,
        handler: Handler,
        update: Update,
        happened: Message | CallbackQuery,
        data: dict[str, Any],
    ) -> str:
        sender, chat = happened.from_user, _chat(happened)
        assert sender is not None
        tap = Tap(happened) if isinstance(happened, CallbackQuery) else None
        here = happened.message.message_id if tap and happened.message else None  # type: ignore[union-attr]
        reply = Reply(data["bot"], chat.id if chat else sender.id, here)
        is_flood = bool(data.get("is_flood"))
        try:
            if not await self._may_come_in(update, sender, chat, tap, reply, is_flood):
                return "refused"
            person = await self._people.find(sender, now())
            data |= {"person": person, "reply": reply, "tap": tap}
            actor = person.facts.id if person.facts else None
            with acting_in(actor_id=actor):
                await handler(update, data)
            return "ok"
        except DeskError as error:
            log.info("refused", code=error.code, params=str(error.params)[:300])
            await _tell(tap, reply, error_text(error, trace_id=current().trace_id))
            return "refused"
        except TelegramForbiddenError:
            log.info("the person has blocked the bot", telegram_id=sender.id)
            return "failed"
        except TelegramAPIError as error:
            log.error("Telegram did not take an answer", error=str(error)[:300])
            return "failed"
        except Exception:  # the process loop of one update
            log.exception("an update failed")
            text = apology(trace_id=current().trace_id, consequence=_consequence(tap))
            await _tell(tap, reply, text)
            return "failed"
        finally:
            if tap is not None:
                await tap.answer()

    async def _may_come_in(
        self,
        update: Update,
        sender: User,
        chat: Chat | None,
        tap: Tap | None,
        reply: Reply,
        is_flood: bool,
    ) -> bool:
        if sender.is_bot:
            return False
        if is_flood:
            if self._warnings.of(sender.id).try_take():
                await _tell(tap, reply, SLOW_DOWN)
            return False
        text = _text(update)
        if chat is not None and chat.type != ChatType.PRIVATE:
            # In a group only what is addressed to the bot is answered, by one line.
            if tap is not None:
                await tap.answer(PRIVATE_ONLY, alert=True)
            elif text.startswith("/") and update.message is not None:
                await reply.send(PRIVATE_ONLY)
            return False
        if update.edited_message is not None:
            if text.startswith("/"):
                await reply.send(EDITED)
            return False
        return True


async def _note_membership(changed: ChatMemberUpdated) -> None:
    """Whether a person has blocked the bot, or let it in again."""
    if changed.chat.type != ChatType.PRIVATE:
        return
    try:
        if changed.new_chat_member.status == ChatMemberStatus.KICKED:
            await bridge.call(note_silent, chat_id=changed.chat.id, now=now())
        else:
            await bridge.call(note_back, chat_id=changed.chat.id)
    except DeskError as error:
        # Telegram's answer to the next message tells it as well.
        log.warning("a blocking was not noted", code=error.code)


async def _tell(tap: Tap | None, reply: Reply, text: str) -> None:
    """Say it in the chat; a failure to say it is only logged."""
    try:
        if tap is not None:
            await tap.answer()
        await reply.send(text)
    except TelegramAPIError as error:
        log.warning("an error could not be told", error=type(error).__name__)


def _consequence(tap: Tap | None) -> str:
    """What the money has done, where nobody knows what went wrong."""
    if tap is not None and tap.data.startswith("ok:"):
        return "If it was an order or a deposit, /orders and /history tell what became of it."
    return Refused.consequence


def _chat(happened: Message | CallbackQuery) -> Chat | None:
    if isinstance(happened, Message):
        return happened.chat
    return happened.message.chat if happened.message else None


def _text(update: Update) -> str:
    message = update.message or update.edited_message
    return (message.text or message.caption or "") if message else ""


async def give_up(bot: Bot, update: dict[str, Any]) -> None:
    """Answer an update that could not be handled in several lives of the process."""
    message = update.get("message") or (update.get("callback_query") or {}).get("message") or {}
    chat_id = (message.get("chat") or {}).get("id")
    log.error("an update is given up", update_id=update.get("update_id"))
    if chat_id is not None:
        text = apology(
            trace_id=new_trace_id(),
            consequence="Look at /orders and /history before you repeat anything.",
        )
        await _tell(None, Reply(bot, chat_id), text)
