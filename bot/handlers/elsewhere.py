"""/juppositions and /flashbalance: what is held at venues that the desk only reads."""

from aiogram import F, Router
from aiogram.filters import Command

from bot import keyboards, reading
from bot.context import Person, Reply, Tap, now
from bot.texts.elsewhere import elsewhere_screen
from core import bridge
from core.errors import Unavailable
from trading.facts import ElsewhereFacts
from trading.services import read_elsewhere


def make_router() -> Router:
    router = Router(name="elsewhere")
    router.message.register(jupiter, Command("juppositions", ignore_case=True))
    router.message.register(flash, Command("flashbalance", ignore_case=True))
    router.callback_query.register(by_button, F.data.startswith("ro:"))
    return router


async def jupiter(_: object, person: Person, reply: Reply) -> None:
    await show(person, reply, "jupiter")


async def flash(_: object, person: Person, reply: Reply) -> None:
    await show(person, reply, "flash")


async def by_button(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    """From the hub, or a refresh (`!`) of the screen it stands on."""
    await tap.answer()
    deployment = tap.data.removeprefix("ro:")
    is_refresh = deployment.endswith("!")
    await show(person, reply if is_refresh else reply.anew(), deployment.rstrip("!")[:20])


async def show(person: Person, reply: Reply, deployment: str) -> None:
    """As it is now; where the venue does not answer, as last seen, and told so."""
    found = await _read(person, deployment)
    text = elsewhere_screen(found, now=now(), hidden=person.hides_amounts)
    await reply.edit(text, keyboards.elsewhere(deployment))


async def _read(person: Person, deployment: str) -> ElsewhereFacts:
    try:
        return await bridge.call(
            read_elsewhere, user_id=person.user_id, deployment=deployment, now=now()
        )
    except Unavailable as error:
        if error.code != "database.down":
            raise
    return await bridge.call_outside(
        reading.read_elsewhere_without_books,
        telegram_id=person.telegram_id,
        deployment=deployment,
        now=now(),
    )
