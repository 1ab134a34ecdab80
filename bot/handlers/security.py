"""How an account is guarded: its screen, its one-time links, and the freeze."""

from aiogram import F, Router
from aiogram.filters import Command

from accounts.enums import LinkPurpose
from accounts.services import make_link, read_security
from bot import keyboards
from bot.context import Person, Reply, Tap, now
from bot.texts import security as texts
from core import bridge
from trading.services import freeze_user


def make_router() -> Router:
    router = Router(name="security")
    router.message.register(security, Command("security", "api", ignore_case=True))
    router.message.register(link, Command("link", ignore_case=True))
    router.message.register(freeze, Command("freeze", ignore_case=True))
    router.message.register(unfreeze, Command("unfreeze", ignore_case=True))
    router.callback_query.register(freeze_by_button, F.data == "se:freeze")
    return router


async def security(_: object, person: Person, reply: Reply) -> None:
    found = await bridge.call(read_security, user_id=person.user_id, now=now())
    purpose = LinkPurpose.SIGN_IN if found.has_totp else LinkPurpose.ENROL
    label = "🔐 Open the page" if found.has_totp else "🔐 Enrol an authenticator"
    keys = [("🔑 API keys", await _link(person, LinkPurpose.API_KEY))] if found.has_totp else []
    buttons = keyboards.rows(
        [(label, await _link(person, purpose))], keys, [("🧊 Freeze", "se:freeze")]
    )
    await reply.send(texts.security_screen(found), buttons)


async def link(_: object, person: Person, reply: Reply) -> None:
    url = await _link(person, LinkPurpose.SIGN_IN)
    await reply.send(texts.LINK, keyboards.rows([("🔗 Open", url)]))


async def freeze(_: object, person: Person, reply: Reply) -> None:
    """At once and without a question: whoever is in haste has a reason."""
    left = await bridge.call_act(freeze_user, user_id=person.user_id, now=now())
    await reply.send(texts.FROZEN + (f"\n{texts.LEFT}" if left else ""))


async def freeze_by_button(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    await tap.answer()
    await freeze(_, person, reply.anew())


async def unfreeze(_: object, person: Person, reply: Reply) -> None:
    url = await _link(person, LinkPurpose.UNFREEZE)
    await reply.send(texts.UNFREEZE, keyboards.rows([("🔐 Enter the code", url)]))


async def _link(person: Person, purpose: LinkPurpose) -> str:
    return await bridge.call(make_link, user_id=person.user_id, purpose=purpose, now=now())
