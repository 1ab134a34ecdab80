"""From a wish to a card with a button, and from the button's tap to the act, once."""

import uuid
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from accounts.services import find_intent
from bot import keyboards
from bot.cards import Cards
from bot.context import Person, Reply
from bot.pending import CHANGE_VALID, DEPOSIT_VALID, ORDER_VALID, PendingAct, PendingActs
from bot.placing import CHANNEL, order_content, place_act, wish_of
from bot.texts import cards as texts
from bot.texts import withdrawals
from core import bridge
from core.money import round_down
from trading.facts import DepositPreview
from trading.services import preview_deposit, preview_order, preview_venue_withdrawal
from trading.services.preview_order import OrderWish

_CENT = Decimal("0.01")
# What the card of an act is about; any other kind is a change of orders.
_SUBJECTS = {
    "order": "order",
    "close": "order",
    "deposit": "transfer",
    "venue_withdrawal": "transfer",
    "withdrawal": "withdrawal",
}


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
            content=order_content(wish, preview),
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
        self,
        *,
        deployment: str,
        token_symbol: str,
        amount: Decimal,
        person: Person,
        reply: Reply,
        now: datetime,
    ) -> None:
        """Answer with the confirm card of a deposit, or with what is missing for it."""
        preview = await bridge.call(
            _preview_deposit_within,
            user_id=person.user_id,
            deployment=deployment,
            token_symbol=token_symbol,
            amount=amount,
            now=now,
        )
        content = {
            "deployment": deployment,
            "token": token_symbol,
            "amount": str(preview.amount),
            "sponsor_fee": str(preview.sponsor_fee),
        }
        text = texts.deposit_preview_card(preview, valid_seconds=DEPOSIT_VALID.seconds)
        await self._offer_transfer(
            "deposit", content, text, bool(preview.denials), person=person, reply=reply, now=now
        )

    async def ask_change(
        self,
        kind: str,
        content: dict[str, Any],
        text: str,
        *,
        person: Person,
        reply: Reply,
        now: datetime,
    ) -> None:
        """Answer with the confirm card of a change of orders; `text` says what it would do."""
        act = await self._pending.keep(
            kind=kind,
            owner=person.telegram_id,
            chat_id=reply.chat_id,
            content=content | {"text": text},
            valid=CHANGE_VALID,
            now=now,
        )
        lines = [text, "", f"Valid {CHANGE_VALID.seconds} s."]
        await reply.edit("\n".join(lines), keyboards.confirm_change(act))

    async def quote_venue_withdrawal(
        self,
        *,
        deployment: str,
        token_symbol: str,
        amount: Decimal,
        person: Person,
        reply: Reply,
        now: datetime,
    ) -> None:
        """Answer with the confirm card of a way back to the wallet, or with what denies it."""
        preview = await bridge.call(
            preview_venue_withdrawal,
            user_id=person.user_id,
            deployment=deployment,
            token_symbol=token_symbol,
            amount=amount,
            now=now,
        )
        content = {"deployment": deployment, "token": token_symbol, "amount": str(amount)}
        text = withdrawals.venue_withdrawal_card(preview, valid_seconds=DEPOSIT_VALID.seconds)
        await self._offer_transfer(
            "venue_withdrawal", content, text, bool(preview.denials),
            person=person, reply=reply, now=now,
        )  # fmt: skip

    async def _offer_transfer(
        self,
        kind: str,
        content: dict[str, Any],
        text: str,
        is_denied: bool,
        *,
        person: Person,
        reply: Reply,
        now: datetime,
    ) -> None:
        """The card of a transfer with its button; one that is denied can only be asked anew."""
        act = await self._pending.keep(
            kind=kind,
            owner=person.telegram_id,
            chat_id=reply.chat_id,
            content=content,
            valid=DEPOSIT_VALID * 0 if is_denied else DEPOSIT_VALID,
            now=now,
        )
        await reply.edit(text, keyboards.requote(act) if is_denied else keyboards.confirm(act))

    async def show_withdrawal(
        self, withdrawal_id: uuid.UUID, *, person: Person, reply: Reply
    ) -> None:
        """The card of a withdrawal out of the house, as it stands now."""
        await self._show("withdrawal", withdrawal_id, person=person, reply=reply)

    async def quote_again(
        self, act: PendingAct, *, person: Person, reply: Reply, now: datetime
    ) -> None:
        """A new quote of the same wish on the same message."""
        asked: dict[str, Any] = {"person": person, "reply": reply, "now": now}
        transfers = {
            "deposit": self.quote_deposit,
            "venue_withdrawal": self.quote_venue_withdrawal,
        }
        if act.kind in transfers:
            await transfers[act.kind](
                deployment=str(act.content["deployment"]),
                token_symbol=str(act.content.get("token", "")),
                amount=Decimal(act.content["amount"]),
                **asked,
            )
        elif act.kind == "order":
            await self.quote_order(wish_of(act.content), **asked)
        else:
            content = {name: value for name, value in act.content.items() if name != "text"}
            await self.ask_change(act.kind, content, str(act.content["text"]), **asked)

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
            place_act, act=act, user_id=person.user_id, here=reply.here, now=now
        )
        await self._show(act.kind, subject_id, person=person, reply=reply)

    async def _show(
        self, kind: str, subject_id: uuid.UUID, *, person: Person, reply: Reply
    ) -> None:
        await self._cards.show(
            user_id=person.user_id,
            chat_id=reply.chat_id,
            subject_type=_SUBJECTS.get(kind, "change"),
            subject_id=subject_id,
        )


def _preview_deposit_within(
    *, user_id: uuid.UUID, deployment: str, token_symbol: str, amount: Decimal, now: datetime
) -> DepositPreview:
    """The preview; of all that the wallet holds, a sponsor's fee is kept back."""
    asked = partial(
        preview_deposit,
        user_id=user_id,
        deployment=deployment,
        token_symbol=token_symbol,
        now=now,
    )
    preview = asked(amount=amount)
    rest = round_down(preview.wallet_token - preview.sponsor_fee, _CENT)
    if amount == preview.wallet_token and preview.sponsor_fee > 0 and rest > 0:
        return asked(amount=rest)
    return preview
