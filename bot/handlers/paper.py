"""/paper on|off|reset: trading with play money."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext

from bot import keyboards
from bot.context import PAPER, Person, Reply, Tap, now
from bot.markup import bold
from bot.people import People
from bot.texts import screens
from core import bridge
from core.errors import Refused
from trading.services import reset_paper, set_paper_mode

USAGE = "Write it like /paper on, /paper off or /paper reset."
_RESET = "paper:reset"


def make_router() -> Router:
    router = Router(name="paper")
    router.message.register(paper, Command("paper", ignore_case=True))
    router.callback_query.register(reset_by_button, F.data == _RESET)
    return router


async def paper(
    _: object,
    person: Person,
    reply: Reply,
    command: CommandObject,
    state: FSMContext,
    people: People,
) -> None:
    """Switch at once; to begin anew is asked for again."""
    await state.clear()
    word = (command.args or "").strip().lower()
    if word in ("on", "off"):
        found = await bridge.call_act(
            set_paper_mode, user_id=person.user_id, is_on=word == "on", now=now()
        )
        people.forget(person.telegram_id)
        await reply.send(screens.paper_screen(found))
    elif word == "reset":
        await reply.send(
            f"{bold('Begin anew on paper?')}\nWhat is open on paper is closed, what rests is "
            "cancelled. The history stays.",
            keyboards.rows([("✅ Begin anew", _RESET), ("✖️ Leave it", "fl:abort")]),
        )
    elif not word:
        mode = "on" if person.deployment == PAPER else "off"
        await reply.send(f"PAPER is {mode}. {USAGE}")
    else:
        raise Refused("command.too_many", typed=word[:40], usage=USAGE)


async def reset_by_button(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    await tap.answer()
    found = await bridge.call_act(reset_paper, user_id=person.user_id, now=now())
    await reply.edit(screens.paper_screen(found))
