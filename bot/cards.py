"""One message per act, edited as its state changes; handlers and the outbox both come here."""

import asyncio
import hashlib
import uuid
import weakref
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup
from django.utils import timezone

from accounts.services import find_intent_of, read_settings
from alerts.enums import SETTING_OF
from alerts.services import read_firing, read_notification, read_system_event
from bot import keyboards
from bot.models import TelegramCard
from bot.texts import alerts as alert_texts
from bot.texts import arrivals, notices, withdrawals
from bot.texts import cards as texts
from bot.texts.order_words import change_card
from core import bridge
from core.roles import as_sync, as_user
from trading import progress as p
from trading.facts import OrderFacts
from trading.services import list_positions, read_change, read_order, read_transfer
from wallets.services import read_incoming, read_withdrawal

# Of a stop that came with its entry: where the entry's own card tells it, and no message does.
_ON_ITS_WAY = {p.WAITING, p.PLACED, p.SENT, p.CONFIRMED, p.OPEN}
_EXPECTED_ENDS = {
    "order.sibling_filled", "order.entry_unfilled", "order.position_closed",
    "order.cancelled_before_sent", "order.stop_replaced", "venue.cancelled_by_owner",
}  # fmt: skip
_ARRIVAL_IS_NEW = timedelta(hours=1)
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
    # The entry that a stop came with, whose card tells of the stop as well.
    entry_id: uuid.UUID | None = None

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
    shown = render_subject(user_id, subject_type, subject_id)
    intent = find_intent_of(user_id=user_id, subject_id=subject_id)
    key = f"{subject_type}:{subject_id}"
    if intent is not None and intent.channel == "telegram":
        # The message on which it was confirmed, which was registered before it was placed.
        key = intent.key
    with as_user(user_id):
        card = TelegramCard.objects.filter(chat_id=chat_id, card=key).first()
    if card is None and shown.arrived:
        card = _take_over_arrival(chat_id=chat_id, symbol=shown.arrived, key=key)
    loudness = "on" if shown.is_news else "off"
    if card is None and shown.is_news and shown.kind:
        loudness = read_settings(user_id=user_id)["notifications"][shown.kind]
    return CardView(
        key=key,
        text=shown.text,
        keyboard=shown.keyboard,
        message_id=card.message_id if card else None,
        shown_hash=card.shown_hash if card else "",
        loudness=loudness,
        entry_id=shown.entry_id,
    )


def read_staff_card(*, chat_id: int, event_id: uuid.UUID) -> CardView:
    """An event of the desk as the staff's channel has to show it. Raises NotFound."""
    text = notices.system_event_card(read_system_event(event_id=event_id))
    key = f"system_event:{event_id}"
    with as_sync():
        card = TelegramCard.objects.filter(chat_id=chat_id, card=key).first()
    return CardView(
        key=key,
        text=text,
        keyboard=None,
        message_id=card.message_id if card else None,
        shown_hash=card.shown_hash if card else "",
        loudness="on",
    )


def register_arrival(*, chat_id: int, symbol: str, message_id: int) -> None:
    """This message tells of money that the books do not have yet; its card will be the same one."""
    key = f"arrival:{symbol}"
    with as_sync():
        TelegramCard.objects.filter(chat_id=chat_id, card=key).delete()
        TelegramCard(chat_id=chat_id, card=key, message_id=message_id).save(force_insert=True)


def _take_over_arrival(*, chat_id: int, symbol: str, key: str) -> TelegramCard | None:
    """The message that told of the arrival a moment ago, from now on the card under `key`."""
    since = timezone.now() - _ARRIVAL_IS_NEW
    with as_sync():
        told = TelegramCard.objects.filter(
            chat_id=chat_id, card=f"arrival:{symbol}", created_at__gte=since
        )
        if not told.update(card=key):
            return None
        return TelegramCard.objects.get(chat_id=chat_id, card=key)


def note_shown(*, chat_id: int, key: str, message_id: int, shown_hash: str) -> None:
    """The chat shows the card so."""
    with as_sync():
        TelegramCard.objects.update_or_create(
            chat_id=chat_id,
            card=key,
            defaults={"message_id": message_id, "shown_hash": shown_hash},
        )


class Shown(NamedTuple):
    """How a subject looks now."""

    text: str
    keyboard: InlineKeyboardMarkup | None
    entry_id: uuid.UUID | None = None
    # Whether it is worth a message of its own.
    is_news: bool = True
    # The token that it tells the arrival of: an earlier message may have done so already.
    arrived: str = ""
    # The setting that says how loud such a message is; "" for what is always told.
    kind: str = "trade_notifications"
    # What fires again and again under a new subject: its texts become one, with their number.
    group: str = ""


def render_subject(user_id: uuid.UUID, subject_type: str, subject_id: uuid.UUID) -> Shown:
    """What a card or a message about the subject says now. Raises NotFound."""
    if subject_type == "order":
        order = read_order(user_id=user_id, order_id=subject_id)
        return Shown(
            texts.order_card(order),
            keyboards.of_order(order),
            entry_id=order.parent_id,
            is_news=order.parent_id is None or _is_news(order),
        )
    if subject_type == "change":
        change = read_change(user_id=user_id, change_id=subject_id)
        return Shown(change_card(change), keyboards.of_change(change))
    if subject_type == "withdrawal":
        found = read_withdrawal(user_id=user_id, withdrawal_id=subject_id)
        return Shown(withdrawals.withdrawal_card(found), keyboards.of_withdrawal(found))
    if subject_type == "incoming":
        incoming = read_incoming(user_id=user_id, incoming_id=subject_id)
        return Shown(
            arrivals.incoming_card(incoming),
            arrivals.of_incoming(incoming),
            arrived=incoming.token_symbol,
        )
    if subject_type == "alert":
        zone = read_settings(user_id=user_id)["display"]["time_zone"]
        firing = read_firing(user_id=user_id, firing_id=subject_id)
        return Shown(
            alert_texts.fired_text(firing, time_zone=zone),
            keyboards.rows([("🔔 My alerts", "hub:alerts")]),
            kind="price_alerts",
            group=f"alert:{firing.alert.id}",
        )
    if subject_type == "transfer":
        transfer = read_transfer(user_id=user_id, transfer_id=subject_id)
        return Shown(texts.transfer_card(transfer), keyboards.of_transfer(transfer))
    if subject_type == "notification":
        told = read_notification(user_id=user_id, notification_id=subject_id)
        kind = SETTING_OF[told.notification_type]
        return Shown(notices.notification_card(told), notices.of_notification(told), kind=kind)
    positions = list_positions(user_id=user_id, open_only=False, limit=50)
    position = next(each for each in positions if each.id == subject_id)
    return Shown(texts.liquidation_card(position), None)


def _is_news(stop: OrderFacts) -> bool:
    """A stop that fires, or is not there as it should be, is told; its way to the venue is not."""
    return stop.progress not in _ON_ITS_WAY and stop.reason not in _EXPECTED_ENDS


class Cards:
    """Shows cards; two who want the same one shown come one after the other, newest facts last."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._locks: weakref.WeakValueDictionary[uuid.UUID, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    async def show(
        self, *, user_id: uuid.UUID | None, chat_id: int, subject_type: str, subject_id: uuid.UUID
    ) -> None:
        """Bring the subject's card up to date; with a stop, that of the entry it came with.

        Without a person it is an event's, in the staff's channel. Raises what Telegram or the
        desk raises.
        """
        if user_id is None:
            await self._show_to_staff(chat_id, subject_id)
            return
        entry_id = await self._show(user_id, chat_id, subject_type, subject_id)
        if entry_id is not None:
            await self._show(user_id, chat_id, subject_type, entry_id)

    async def _show(
        self, user_id: uuid.UUID, chat_id: int, subject_type: str, subject_id: uuid.UUID
    ) -> uuid.UUID | None:
        lock = self._locks.setdefault(subject_id, asyncio.Lock())
        async with lock:
            view = await bridge.call(
                read_card,
                user_id=user_id,
                chat_id=chat_id,
                subject_type=subject_type,
                subject_id=subject_id,
            )
            await self._bring_up(chat_id, view)
        return view.entry_id

    async def _show_to_staff(self, chat_id: int, event_id: uuid.UUID) -> None:
        async with self._locks.setdefault(event_id, asyncio.Lock()):
            view = await bridge.call(read_staff_card, chat_id=chat_id, event_id=event_id)
            await self._bring_up(chat_id, view)

    async def _bring_up(self, chat_id: int, view: CardView) -> None:
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
