"""/withdraw: from the venue to the wallet by a card; out of the house by a page and its code."""

import re
import uuid
from datetime import datetime
from decimal import Decimal

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Update

from accounts.enums import LinkPurpose
from accounts.services import make_link, read_security
from bot import keyboards, reading
from bot.acts import Acts
from bot.context import Person, Reply, Tap, now
from bot.placing import CHANNEL
from bot.texts import withdrawals as texts
from core import bridge
from core.errors import NotFound, Refused, Unavailable
from core.money import parse_amount
from trading.services import read_withdrawables
from wallets.facts import WithdrawalFacts
from wallets.services import (
    cancel_withdrawal,
    list_addresses,
    list_withdrawals,
    place_withdrawal,
    read_incoming,
)

_WORDS = re.compile(
    r"(?P<amount>\S+)(?:\s+(?P<token>[a-z]{2,6}))?"
    r"(?:\s+from\s+(?P<venue>[a-z]+))?(?:\s+to\s+(?P<label>.+))?",
    re.IGNORECASE | re.ASCII,
)


def make_router() -> Router:
    router = Router(name="withdraw")
    router.message.register(withdraw, Command("withdraw", ignore_case=True))
    router.callback_query.register(send_back, F.data.startswith("in:"))
    router.callback_query.register(stop, F.data.startswith("wx:"))
    return router


async def withdraw(
    _: object,
    person: Person,
    reply: Reply,
    command: CommandObject,
    acts: Acts,
    event_update: Update,
) -> None:
    """Without words the screen; with an amount a card; with an address a page's link."""
    typed = (command.args or "").strip()
    if not typed:
        await show(person, reply)
        return
    words = _WORDS.fullmatch(typed)
    if words is None:
        raise Refused("command.too_many", typed=typed[:40], usage=texts.USAGE)
    amount = parse_amount(words["amount"])
    venue = words["venue"].lower() if words["venue"] else ""
    if venue and venue not in reading.deployments():
        raise Refused("venue_withdrawal.no_such_venue", known=", ".join(reading.deployments()))
    token = (words["token"] or reading.quote_symbol(venue or person.deployment)).upper()
    if words["label"] is None:
        await acts.quote_venue_withdrawal(
            deployment=venue or person.deployment,
            token_symbol=token,
            amount=amount,
            person=person,
            reply=reply,
            now=now(),
        )
        return
    placed, url = await bridge.call_act(
        _prepare,
        user_id=person.user_id,
        key=f"update-{event_update.update_id}",
        token=token,
        amount=amount,
        label=words["label"].strip(),
        venue=venue,
        now=now(),
    )
    # The link is a message of its own: the card follows the withdrawal, the link is used up.
    await acts.show_withdrawal(placed.id, person=person, reply=reply)
    await reply.send(texts.CODE_LINK, keyboards.rows([("🔐 Enter the code", url)]))


async def send_back(
    _: object, person: Person, reply: Reply, tap: Tap, acts: Acts, event_update: Update
) -> None:
    """What came and is of no use goes back to whom it came from; a code lets it go."""
    await tap.answer()
    placed, url = await bridge.call_act(
        _prepare_return,
        user_id=person.user_id,
        key=f"update-{event_update.update_id}",
        incoming_id=_id_of(tap.data),
        now=now(),
    )
    beside = reply.anew()
    await acts.show_withdrawal(placed.id, person=person, reply=beside)
    await beside.send(texts.CODE_LINK, keyboards.rows([("🔐 Enter the code", url)]))


async def stop(_: object, person: Person, reply: Reply, tap: Tap, acts: Acts) -> None:
    """Keep the money where it is; the card tells what became of it."""
    await tap.answer()
    stopped = await bridge.call_act(
        cancel_withdrawal, user_id=person.user_id, withdrawal_id=_id_of(tap.data), now=now()
    )
    await acts.show_withdrawal(stopped.id, person=person, reply=reply)


def _id_of(data: str) -> uuid.UUID:
    try:
        return uuid.UUID(data[3:])
    except ValueError as error:
        raise Refused("button.unknown") from error


def _prepare_return(
    *, user_id: uuid.UUID, key: str, incoming_id: uuid.UUID, now: datetime
) -> tuple[WithdrawalFacts, str]:
    found = read_incoming(user_id=user_id, incoming_id=incoming_id)
    placed = place_withdrawal(
        user_id=user_id,
        channel=CHANNEL,
        key=key,
        token_symbol=found.token_symbol,
        amount=found.amount,
        address_id=None,
        incoming_id=found.id,
        now=now,
    )
    link = make_link(user_id=user_id, purpose=LinkPurpose.WITHDRAW, subject_id=placed.id, now=now)
    return placed, link


async def show(person: Person, reply: Reply) -> None:
    screen, url = await bridge.call(_read_screen, user_id=person.user_id, now=now())
    await reply.send(screen, keyboards.rows([("📒 Address book", url)]))


def _read_screen(*, user_id: uuid.UUID, now: datetime) -> tuple[str, str]:
    locked = read_security(user_id=user_id, now=now).withdrawals_locked_until
    try:
        venues = read_withdrawables(user_id=user_id)
    except Unavailable:
        # What is on its way is shown all the same: it may be there to be stopped.
        venues = None
    text = texts.withdraw_screen(
        venues=venues,
        locked_until=locked,
        addresses=list_addresses(user_id=user_id, now=now),
        recent=list_withdrawals(user_id=user_id, limit=3),
    )
    return text, make_link(user_id=user_id, purpose=LinkPurpose.ADDRESSES, now=now)


def _prepare(
    *,
    user_id: uuid.UUID,
    key: str,
    token: str,
    amount: Decimal,
    label: str,
    venue: str,
    now: datetime,
) -> tuple[WithdrawalFacts, str]:
    """Prepared and nothing more: a chat alone lets nothing out."""
    book = list_addresses(user_id=user_id, now=now)
    alike = [each for each in book if each.label.casefold() == label.casefold()]
    # Of two names that differ in their capitals alone, the one that was written.
    found = next((each for each in alike if each.label == label), alike[0] if alike else None)
    if found is None:
        raise NotFound("address.not_found")
    placed = place_withdrawal(
        user_id=user_id,
        channel=CHANNEL,
        key=key,
        token_symbol=token,
        amount=amount,
        address_id=found.id,
        source_deployment=venue,
        now=now,
    )
    link = make_link(user_id=user_id, purpose=LinkPurpose.WITHDRAW, subject_id=placed.id, now=now)
    return placed, link
