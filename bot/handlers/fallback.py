"""What nobody else understood gets an answer too."""

from aiogram import F, Router
from aiogram.types import Message

from bot.context import Reply, Tap
from bot.storage import FlowStorage
from bot.texts import common
from core.errors import Refused, Unavailable


def make_router() -> Router:
    router = Router(name="fallback")
    router.message.register(text, F.text)
    router.message.register(no_text)
    router.callback_query.register(unknown_button)
    return router


async def text(message: Message, reply: Reply, storage: FlowStorage) -> None:
    if storage.is_down and not (message.text or "").startswith("/"):
        raise Unavailable("flow.forgotten")
    await reply.send(common.NOT_UNDERSTOOD)


async def no_text(_: object, reply: Reply) -> None:
    await reply.send(common.TEXT_ONLY)


async def unknown_button(_: object, tap: Tap) -> None:
    await tap.answer("That button is too old. Nothing was moved.", alert=True)
    raise Refused("button.unknown")
