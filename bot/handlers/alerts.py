"""/alert makes one; /alerts lists them, to pause, resume and delete by buttons."""

import uuid
from collections.abc import Sequence

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import InlineKeyboardMarkup

from alerts.facts import AlertFacts, AlertWish
from alerts.services import (
    create_alert,
    delete_alert,
    list_alerts,
    pause_alert,
    resume_alert,
)
from bot import keyboards
from bot.alert_words import parse_alert
from bot.context import Person, Reply, Tap, now
from bot.texts import alerts as texts
from core import bridge
from core.errors import Refused

PAGE = 5
_LAST_PAGE = 200
_PREFIX = "al:"


def make_router() -> Router:
    router = Router(name="alerts")
    router.message.register(make_alert, Command("alert", ignore_case=True))
    router.message.register(alerts, Command("alerts", ignore_case=True))
    router.callback_query.register(by_button, F.data.startswith(_PREFIX))
    return router


async def make_alert(
    _: object, person: Person, reply: Reply, command: CommandObject, state: FSMContext
) -> None:
    """/alert SOL > 150 [every 10m] [until 7d]; without words, how it is written."""
    await state.clear()
    typed = (command.args or "").strip()
    if not typed:
        await reply.send(texts.USAGE, keyboards.rows([("🔔 My alerts", "hub:alerts")]))
        return
    moment = now()
    said = parse_alert(typed, time_zone=person.time_zone, now=moment)
    assert said.condition is not None
    assert said.target is not None
    wish = AlertWish(
        deployment=person.deployment,
        symbol=said.symbol,
        condition=said.condition,
        target=said.target,
        every=said.every,
        expires_at=said.expires_at,
        note=said.note,
    )
    made = await bridge.call(create_alert, user_id=person.user_id, wish=wish, now=moment)
    await reply.send(
        texts.created_text(made, time_zone=person.time_zone),
        keyboards.rows([("🔔 My alerts", "hub:alerts")]),
    )


async def alerts(_: object, person: Person, reply: Reply) -> None:
    await show(person, reply)


async def show(person: Person, reply: Reply, *, page: int = 0) -> None:
    """Five alerts a page, newest first, each with its buttons."""
    # From the newest on: rows of one moment must not fall between two pages.
    found = await bridge.call(list_alerts, user_id=person.user_id, limit=PAGE * (page + 1) + 1)
    shown = found[PAGE * page : PAGE * (page + 1)]
    if page and not shown:
        # The last one of this page has just gone.
        await show(person, reply, page=page - 1)
        return
    text = texts.alerts_screen(shown, time_zone=person.time_zone, page=page)
    await reply.edit(text, _buttons(shown, page, has_older=len(found) > PAGE * (page + 1)))


async def by_button(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    """`al:t2` turns to a page; `al:p2:<id>` pauses on it, `r` resumes, `d` deletes."""
    act, page, alert_id = _read(tap.data.removeprefix(_PREFIX))
    match act:
        case "p":
            await bridge.call(pause_alert, user_id=person.user_id, alert_id=alert_id, now=now())
            await tap.answer("Paused.")
        case "r":
            await bridge.call(resume_alert, user_id=person.user_id, alert_id=alert_id)
            await tap.answer("Watched again.")
        case "d":
            await bridge.call(delete_alert, user_id=person.user_id, alert_id=alert_id)
            await tap.answer("Deleted.")
        case _:
            await tap.answer()
    await show(person, reply, page=page)


def _read(data: str) -> tuple[str, int, uuid.UUID]:
    act, (number, _, key) = data[:1], data[1:].partition(":")
    if act not in "tprd" or not (number.isascii() and number.isdigit() and len(number) < 4):
        raise Refused("button.unknown")
    try:
        return act, min(int(number), _LAST_PAGE), uuid.UUID(key) if act != "t" else uuid.UUID(int=0)
    except ValueError:
        raise Refused("button.unknown") from None


def _buttons(
    shown: Sequence[AlertFacts], page: int, *, has_older: bool
) -> InlineKeyboardMarkup | None:
    lines = [
        [
            (
                (f"▶️ {place}", f"{_PREFIX}r{page}:{each.id.hex}")
                if each.paused
                else (f"⏸ {place}", f"{_PREFIX}p{page}:{each.id.hex}")
            ),
            (f"🗑 {place}", f"{_PREFIX}d{page}:{each.id.hex}"),
        ]
        for place, each in enumerate(shown, start=1)
    ]
    turn = []
    if page > 0:
        turn.append(("« Newer", f"{_PREFIX}t{page - 1}"))
    if has_older:
        turn.append(("Older »", f"{_PREFIX}t{page + 1}"))
    return keyboards.rows(*lines, turn) if lines or turn else None
