"""From a wish to a card with a button, and from the button's tap to the act, once."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.services import find_intent
from bot import keyboards
from bot.cards import Cards, register_card
from bot.context import Person, Reply
from bot.pending import DEPOSIT_VALID, ORDER_VALID, PendingAct, PendingActs
from bot.texts import cards as texts
from core import bridge
from core.money import round_down
from trading.facts import DepositPreview, OrderPreview
from trading.services import place_deposit, place_order, preview_deposit, preview_order
from trading.services.place_order import ConfirmedOrder
from trading.services.preview_order import OrderWish

CHANNEL = "telegram"
_CENT = Decimal("0.01")
_SUBJECTS = {"order": "order", "close": "order", "deposit": "transfer"}


class Acts:
    """Quotes wishes, keeps what their cards show, and carries out what is tapped."""

    def __init__(self, *, pending: PendingActs, cards: Cards) -> None:
        self._pending = pending
        self._cards = cards

    async def quote_order(
        self, wish: OrderWish, *, person: Person, reply: Reply, now: datetime, update_id: int = 0
    ) -> None:
        """Answer with the confirm card of an order; where the rules deny it, with their reasons.

        A person who wants no confirmations gets it placed at once, under a key made from the
        update, so that the same update again places nothing more.
        """
        preview = await bridge.call(preview_order, user_id=person.user_id, wish=wish, now=now)
        at_once = not person.confirms and not preview.denials and update_id > 0
        act = await self._pending.keep(
            kind="order",
            owner=person.telegram_id,
            chat_id=reply.chat_id,
            content=_order_content(wish, preview),
            valid=ORDER_VALID if not preview.denials else ORDER_VALID * 0,
            now=now,
            uid=f"update-{update_id}" if at_once else "",
        )
        text = texts.order_preview_card(
            preview, valid_seconds=ORDER_VALID.seconds, confirmable=not at_once
        )
        if at_once:
            sent = await reply.send(text)
            kept = await self._pending.find(act.uid) or act
            here = Reply(reply.bot, reply.chat_id, sent.message_id)
            await self.carry_out(kept, person=person, reply=here, now=now)
        elif preview.denials:
            await reply.edit(text, keyboards.requote(act))
        else:
            await reply.edit(text, keyboards.confirm(act))

    async def quote_deposit(
        self, *, deployment: str, amount: Decimal, person: Person, reply: Reply, now: datetime
    ) -> None:
        """Answer with the confirm card of a deposit, or with what is missing for it."""
        preview = await bridge.call(
            _preview_deposit_within,
            user_id=person.user_id,
            deployment=deployment,
            amount=amount,
            now=now,
        )
        act = await self._pending.keep(
            kind="deposit",
            owner=person.telegram_id,
            chat_id=reply.chat_id,
            content={
                "deployment": deployment,
                "amount": str(preview.amount),
                "sponsor_fee": str(preview.sponsor_fee),
            },
            valid=DEPOSIT_VALID if not preview.denials else DEPOSIT_VALID * 0,
            now=now,
        )
        text = texts.deposit_preview_card(preview, valid_seconds=DEPOSIT_VALID.seconds)
        buttons = keyboards.requote(act) if preview.denials else keyboards.confirm(act)
        await reply.edit(text, buttons)

    async def quote_again(
        self, act: PendingAct, *, person: Person, reply: Reply, now: datetime
    ) -> None:
        """A new quote of the same wish on the same message."""
        if act.kind == "deposit":
            await self.quote_deposit(
                deployment=str(act.content["deployment"]),
                amount=Decimal(act.content["amount"]),
                person=person,
                reply=reply,
                now=now,
            )
        else:
            await self.quote_order(_wish(act.content), person=person, reply=reply, now=now)

    async def was_placed(self, uid: str, *, person: Person, reply: Reply) -> bool:
        """If the act under this id was placed before: show its card and say so."""
        intent = await bridge.call(find_intent, user_id=person.user_id, channel=CHANNEL, key=uid)
        if intent is None:
            return False
        await self._show(intent.kind, intent.id, person=person, reply=reply)
        return True

    async def carry_out(
        self, act: PendingAct, *, person: Person, reply: Reply, now: datetime
    ) -> None:
        """Place exactly what the card showed, once for its id, and let the card follow it.

        Raises what placing raises: Refused, Conflict, NotFound, Unavailable, OutcomeUnknown.
        """
        subject_id = await bridge.call_act(
            _place, act=act, user_id=person.user_id, here=reply.here, now=now
        )
        await self._show(act.kind, subject_id, person=person, reply=reply)

    async def _show(
        self, kind: str, subject_id: uuid.UUID, *, person: Person, reply: Reply
    ) -> None:
        await self._cards.show(
            user_id=person.user_id,
            chat_id=reply.chat_id,
            subject_type=_SUBJECTS[kind],
            subject_id=subject_id,
        )


def _place(*, act: PendingAct, user_id: uuid.UUID, here: int | None, now: datetime) -> uuid.UUID:
    if here is not None:
        # Before the act: whatever happens after, its news find this message.
        register_card(chat_id=act.chat_id, key=act.uid, message_id=here)
    if act.kind == "deposit":
        return place_deposit(
            user_id=user_id,
            channel=CHANNEL,
            key=act.uid,
            deployment=str(act.content["deployment"]),
            amount=Decimal(act.content["amount"]),
            sponsor_fee=Decimal(act.content["sponsor_fee"]),
            now=now,
        ).id
    return place_order(
        user_id=user_id, channel=CHANNEL, key=act.uid, confirmed=_confirmed(act.content), now=now
    ).id


def _preview_deposit_within(
    *, user_id: uuid.UUID, deployment: str, amount: Decimal, now: datetime
) -> DepositPreview:
    """The preview; of all that the wallet holds, a sponsor's fee is kept back."""
    preview = preview_deposit(user_id=user_id, deployment=deployment, amount=amount, now=now)
    rest = round_down(preview.wallet_token - preview.sponsor_fee, _CENT)
    if amount == preview.wallet_token and preview.sponsor_fee > 0 and rest > 0:
        return preview_deposit(user_id=user_id, deployment=deployment, amount=rest, now=now)
    return preview


_WISHED = ("size", "notional", "percent", "max_leverage")


def _order_content(wish: OrderWish, preview: OrderPreview) -> dict[str, Any]:
    """Strings alone: Decimals pass through Redis exactly."""
    stored = {"deployment": wish.deployment, "symbol": wish.symbol, "side": wish.side}
    numbers = {name: getattr(wish, name) for name in _WISHED}
    return {
        **stored,
        **{name: None if value is None else str(value) for name, value in numbers.items()},
        "direction": preview.direction,
        "confirmed_size": str(preview.size),
        "worst_price": str(preview.quote.worst_price),
        "expected_price": str(preview.quote.expected_price),
    }


def _wish(content: Mapping[str, Any]) -> OrderWish:
    numbers: dict[str, Any] = {
        name: None if content[name] is None else Decimal(content[name]) for name in _WISHED
    }
    return OrderWish(
        deployment=content["deployment"],
        symbol=content["symbol"],
        side=content["side"],
        **numbers,
    )


def _confirmed(content: Mapping[str, Any]) -> ConfirmedOrder:
    return ConfirmedOrder(
        wish=_wish(content),
        direction=content["direction"],
        size=Decimal(content["confirmed_size"]),
        worst_price=Decimal(content["worst_price"]),
        expected_price=Decimal(content["expected_price"]),
    )
