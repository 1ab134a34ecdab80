"""/notifications: what the person is told of, how loudly, and when it is to be quiet."""

import uuid
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import InlineKeyboardMarkup

from accounts.services import change_setting, read_settings
from alerts.services import mark_notification_read
from bot import keyboards
from bot.context import Person, Reply, Tap, now
from bot.texts.notices import KINDS, notification_card, notifications_screen
from core import bridge
from core.errors import Refused

_LOUDNESS = ("on", "silent", "off")
_MODES = ("silent", "hold")
_USAGE = (
    f"There are: {', '.join(KINDS)} (each on, silent or off), quiet 22-7, quiet off, "
    "night silent, night hold. /notifications"
)


def make_router() -> Router:
    router = Router(name="notifications")
    router.message.register(command, Command("notifications", ignore_case=True))
    router.callback_query.register(by_button, F.data.startswith("nt:"))
    router.callback_query.register(mark_read, F.data.startswith("nr:"))
    return router


async def command(_: object, person: Person, reply: Reply, command: CommandObject) -> None:
    """/notifications, or /notifications alerts silent."""
    words = (command.args or "").lower().split()
    if words:
        await _change(person, words[0], " ".join(words[1:]))
    await show(person, reply)


async def by_button(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    await tap.answer()
    _, name, value = [*tap.data.split(":", 2), "", ""][:3]
    if name:
        await _change(person, name, value)
    await show(person, reply)


async def mark_read(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    """The button below a notification, which goes with it."""
    await tap.answer("Read")
    try:
        key = uuid.UUID(hex=tap.data.partition(":")[2])
    except ValueError:
        raise Refused("button.unknown") from None
    found = await bridge.call(
        mark_notification_read, user_id=person.user_id, notification_id=key, now=now()
    )
    await reply.edit(notification_card(found))


async def show(person: Person, reply: Reply) -> None:
    stored = await bridge.call(read_settings, user_id=person.user_id)
    wishes = stored["notifications"]
    screen = notifications_screen(wishes, time_zone=stored["display"]["time_zone"])
    await reply.edit(screen, _buttons(wishes))


async def _change(person: Person, name: str, typed: str) -> None:
    changes = _wanted(name, typed[:20])
    await bridge.call(change_setting, user_id=person.user_id, key="notifications", changes=changes)


def _wanted(name: str, typed: str) -> dict[str, Any]:
    if name in KINDS and typed in _LOUDNESS:
        return {KINDS[name][0]: typed}
    if name == "night" and typed in _MODES:
        return {"quiet_mode": typed}
    if name == "quiet" and typed == "off":
        return {"quiet_hours": None}
    begins, _, ends = typed.replace(" ", "").partition("-")
    if name == "quiet" and begins.isdecimal() and ends.isdecimal():
        return {"quiet_hours": [int(begins), int(ends)]}
    raise Refused("command.too_many", typed=f"{name} {typed}"[:40], usage=_USAGE)


def _buttons(wishes: dict[str, Any]) -> InlineKeyboardMarkup:
    """A kind a button, which leads to the next loudness."""
    kinds = [
        (f"{title}: {wishes[key]}", f"nt:{name}:{_next(_LOUDNESS, wishes[key])}")
        for name, (key, title) in KINDS.items()
    ]
    is_quiet = wishes["quiet_hours"] is not None
    mode = wishes["quiet_mode"]
    night = [("🌙 Quiet 22-7", "nt:quiet:22-7")]
    if is_quiet:
        said = "held" if mode == "hold" else "silent"
        night = [
            (f"Then: {said}", f"nt:night:{_next(_MODES, mode)}"),
            ("No quiet hours", "nt:quiet:off"),
        ]
    return keyboards.rows(
        *(kinds[at : at + 2] for at in range(0, len(kinds), 2)), night,
        [("⚙️ Settings", "st:show:")],
    )  # fmt: skip


def _next(values: tuple[str, ...], value: str) -> str:
    return values[(values.index(value) + 1) % len(values)]
