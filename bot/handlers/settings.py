"""/settings: shown, changed by buttons and by words; shapes and limits are the desk's."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import InlineKeyboardMarkup, Message

from accounts.services import change_setting, read_settings
from bot import keyboards, reading
from bot.context import Person, Reply, Tap, venue_of
from bot.flows import SettingsFlow
from bot.people import People
from bot.texts import screens
from core import bridge
from core.errors import Refused
from core.money import parse_amount

_USAGE = "There are: slippage, leverage, confirm, timezone, hide, venue. /settings"


def make_router() -> Router:
    router = Router(name="settings")
    router.message.register(command, Command("settings", ignore_case=True))
    router.callback_query.register(by_button, F.data.startswith("st:"))
    router.message.register(time_zone_typed, StateFilter(SettingsFlow.time_zone), F.text)
    return router


async def command(
    _: object,
    person: Person,
    reply: Reply,
    command: CommandObject,
    state: FSMContext,
    people: People,
) -> None:
    """/settings, or /settings slippage 0.7."""
    await state.clear()
    words = (command.args or "").split()
    if words:
        await _change(person, people, words[0].lower(), " ".join(words[1:]))
    await show(person, reply)


async def by_button(
    _: object, person: Person, reply: Reply, tap: Tap, state: FSMContext, people: People
) -> None:
    await tap.answer()
    _, name, value = [*tap.data.split(":", 2), "", ""][:3]
    if name == "timezone" and not value:
        await state.set_state(SettingsFlow.time_zone)
        await reply.send("Which time zone? Type its name, like Europe/Vienna. /abort leaves.")
        return
    if name != "show":
        await _change(person, people, name, value)
    await show(person, reply)


async def time_zone_typed(
    message: Message, person: Person, reply: Reply, state: FSMContext, people: People
) -> None:
    await _change(person, people, "timezone", (message.text or "").strip())
    await state.clear()
    await show(person, reply)


async def show(person: Person, reply: Reply) -> None:
    stored = await bridge.call(read_settings, user_id=person.user_id)
    deployment = venue_of(stored["trading"]["deployment"])
    await reply.edit(
        screens.settings_screen(stored, deployment=deployment), _buttons(stored, deployment)
    )


async def _change(person: Person, people: People, name: str, typed: str) -> None:
    group, changes = _wanted(name, typed[:60])
    await bridge.call(change_setting, user_id=person.user_id, key=group, changes=changes)
    people.forget(person.telegram_id)


def _wanted(name: str, typed: str) -> tuple[str, dict[str, Any]]:
    match name:
        case "slippage":
            return "trading", {"default_slippage": str(parse_amount(typed.removesuffix("%")))}
        case "leverage":
            leverage = parse_amount(typed.lower().removesuffix("x"))
            return "risk_management", {"max_leverage": str(leverage)}
        case "confirm":
            return "trading", {"confirm": _is_on(typed)}
        case "timezone":
            return "display", {"time_zone": typed}
        case "hide":
            return "display", {"hide_amounts": _is_on(typed)}
        case "venue":
            return "trading", {"deployment": typed.lower()}
    raise Refused("command.too_many", typed=name[:40], usage=_USAGE)


def _is_on(typed: str) -> bool:
    if typed.lower() not in ("on", "off", "yes", "no"):
        raise Refused("command.too_many", typed=typed[:40], usage="Say on or off.")
    return typed.lower() in ("on", "yes")


def _buttons(stored: dict[str, Any], deployment: str) -> InlineKeyboardMarkup:
    confirms = stored["trading"]["confirm"]
    hides = stored["display"]["hide_amounts"]
    return keyboards.rows(
        # Two a row: a phone cuts what is longer.
        *(
            [(f"Slippage {value}%", f"st:slippage:{value}") for value in pair]
            for pair in (("0.1", "0.5"), ("1", "2"))
        ),
        *(
            [(f"At most {value}x", f"st:leverage:{value}") for value in pair]
            for pair in (("2", "5"), ("10", "20"))
        ),
        [
            (
                "Confirmations off" if confirms else "Confirmations on",
                f"st:confirm:{'off' if confirms else 'on'}",
            ),
            ("Show amounts" if hides else "Hide amounts", f"st:hide:{'off' if hides else 'on'}"),
        ],
        [
            (f"Trade on {key.capitalize()}", f"st:venue:{key}")
            for key in reading.deployments()
            if key != deployment
        ],
        [("🕐 Time zone", "st:timezone:"), ("🔔 Notifications", "nt:")],
    )
