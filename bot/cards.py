"""One message per act, edited as its state changes; handlers and the outbox both come here."""

import asyncio
import hashlib
import uuid
import weakref
from dataclasses import dataclass

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup

from accounts.services import find_intent_of, read_settings
from bot import keyboards
from bot.models import TelegramCard
from bot.texts import arrivals, withdrawals
from bot.texts import cards as texts
from bot.texts.order_words import change_card
from core import bridge
from core.roles import as_sync, as_user
from trading.services import list_positions, read_change, read_order, read_transfer
from wallets.services import read_incoming, read_withdrawal

# Telegram's words for a message that is no longer there to be edited.
_GONE = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as it has to look now, and where it stands if it is in the chat already."""

    key: str
    text: str
    keyboard: InlineKeyboardMarkup | None
    message_id: int | None
    shown_hash: str
    loudness: str

    @property
    def hash(self) -> str:
        buttons = self.keyboard.model_dump_json() if self.keyboard else ""
        return hashlib.sha256(f"{self.text}\n{buttons}".encode()).hexdigest()


def register_card(*, chat_id: int, key: str, message_id: int) -> None:
    """This message is the card of the act under `key`; the first one stays."""
    with as_sync():
        TelegramCard.objects.bulk_create(
            [TelegramCard(chat_id=chat_id, card=key, message_id=message_id)], ignore_conflicts=True
        )


def read_card(
    *, user_id: uuid.UUID, chat_id: int, subject_type: str, subject_id: uuid.UUID
) -> CardView:
    """The subject's present facts, rendered. Raises NotFound."""
    text, keyboard = _render(user_id, subject_type, subject_id)
    intent = find_intent_of(user_id=user_id, subject_id=subject_id)
    key = f"{subject_type}:{subject_id}"
    if intent is not None and intent.channel == "telegram":
        # The message on which it was confirmed, which was registered before it was placed.
        key = intent.key
    with as_user(user_id):
        card = TelegramCard.objects.filter(chat_id=chat_id, card=key).first()
    loudness = "on"
    if card is None:
        loudness = read_settings(user_id=user_id)["notifications"]["trade_notifications"]
    return CardView(
        key=key,
        text=text,
        keyboard=keyboard,
        message_id=card.message_id if card else None,
        shown_hash=card.shown_hash if card else "",
        loudness=loudness,
    )


def note_shown(*, chat_id: int, key: str, message_id: int, shown_hash: str) -> None:
    """The chat shows the card so."""
    with as_sync():
        TelegramCard.objects.update_or_create(
            chat_id=chat_id,
            card=key,
            defaults={"message_id": message_id, "shown_hash": shown_hash},
        )


def _render(
    user_id: uuid.UUID, subject_type: str, subject_id: uuid.UUID
) -> tuple[str, InlineKeyboardMarkup | None]:
    if subject_type == "order":
        order = read_order(user_id=user_id, order_id=subject_id)
        return texts.order_card(order), keyboards.of_order(order)
    if subject_type == "change":
        change = read_change(user_id=user_id, change_id=subject_id)
        return change_card(change), keyboards.of_change(change)
    if subject_type == "withdrawal":
        found = read_withdrawal(user_id=user_id, withdrawal_id=subject_id)
        return withdrawals.withdrawal_card(found), None
    if subject_type == "incoming":
        incoming = read_incoming(user_id=user_id, incoming_id=subject_id)
        return arrivals.incoming_card(incoming), arrivals.of_incoming(incoming)
    if subject_type == "transfer":
        transfer = read_transfer(user_id=user_id, transfer_id=subject_id)
        return texts.transfer_card(transfer), keyboards.of_transfer(transfer)
    positions = list_positions(user_id=user_id, open_only=False, limit=50)
    position = next(each for each in positions if each.id == subject_id)
    return texts.liquidation_card(position), None


class Cards:
    """Shows cards; two who want the same one shown come one after the other, newest facts last."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._locks: weakref.WeakValueDictionary[uuid.UUID, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    async def show(
        self, *, user_id: uuid.UUID, chat_id: int, subject_type: str, subject_id: uuid.UUID
    ) -> None:
        """Bring the subject's card up to date. Raises what Telegram or the desk raises."""
        lock = self._locks.setdefault(subject_id, asyncio.Lock())
        async with lock:
            view = await bridge.call(
                read_card,
                user_id=user_id,
                chat_id=chat_id,
                subject_type=subject_type,
                subject_id=subject_id,
            )
            if view.hash == view.shown_hash:
                return
            message_id = await self._put(chat_id, view)
            if message_id is not None:
                await bridge.call(
                    note_shown,
                    chat_id=chat_id,
                    key=view.key,
                    message_id=message_id,
                    shown_hash=view.hash,
                )

    async def show_anew(
        self, *, user_id: uuid.UUID, chat_id: int, subject_type: str, subject_id: uuid.UUID
    ) -> None:
        """The subject's card as a new message, which from now on is the one that follows it."""
        view = await bridge.call(
            read_card,
            user_id=user_id,
            chat_id=chat_id,
            subject_type=subject_type,
            subject_id=subject_id,
        )
        sent = await self._bot.send_message(chat_id, view.text, reply_markup=view.keyboard)
        await bridge.call(
            note_shown,
            chat_id=chat_id,
            key=view.key,
            message_id=sent.message_id,
            shown_hash=view.hash,
        )

    async def _put(self, chat_id: int, view: CardView) -> int | None:
        if view.message_id is not None and await self._edit(chat_id, view):
            return view.message_id
        if view.loudness == "off":
            return None
        sent = await self._bot.send_message(
            chat_id,
            view.text,
            reply_markup=view.keyboard,
            disable_notification=view.loudness == "silent",
        )
        return sent.message_id

    async def _edit(self, chat_id: int, view: CardView) -> bool:
        """Whether the card's message shows it now."""
        try:
            await self._bot.edit_message_text(
                view.text,
                chat_id=chat_id,
                message_id=view.message_id,
                reply_markup=view.keyboard,
            )
        except TelegramBadRequest as error:
            if "not modified" in error.message:
                return True
            if any(words.lower() in error.message.lower() for words in _GONE):
                return False
            raise
        return True
