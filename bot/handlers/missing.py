"""Commands that the desk does not have yet: a plain no, and what can be done instead."""

from aiogram import Router
from aiogram.filters import Command, CommandObject

from bot.texts.common import NOT_HERE_YET
from core.errors import Refused


def make_router() -> Router:
    router = Router(name="missing")
    router.message.register(not_here_yet, Command(*NOT_HERE_YET, ignore_case=True))
    return router


async def not_here_yet(_: object, command: CommandObject) -> None:
    what, instead = NOT_HERE_YET[command.command.lower()]
    raise Refused("command.not_here_yet", what=what, instead=instead)
