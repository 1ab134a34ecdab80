"""/security and /link: how an account is guarded, and its pages' one-time links."""

from aiogram import Router
from aiogram.filters import Command

from accounts.enums import LinkPurpose
from accounts.services import make_link, read_security
from bot import keyboards
from bot.context import Person, Reply, now
from bot.texts import security as texts
from core import bridge


def make_router() -> Router:
    router = Router(name="security")
    router.message.register(security, Command("security", ignore_case=True))
    router.message.register(link, Command("link", ignore_case=True))
    return router


async def security(_: object, person: Person, reply: Reply) -> None:
    found = await bridge.call(read_security, user_id=person.user_id, now=now())
    purpose = LinkPurpose.SIGN_IN if found.has_totp else LinkPurpose.ENROL
    label = "🔐 Open the page" if found.has_totp else "🔐 Enrol an authenticator"
    buttons = keyboards.rows([(label, await _link(person, purpose))])
    await reply.send(texts.security_screen(found), buttons)


async def link(_: object, person: Person, reply: Reply) -> None:
    url = await _link(person, LinkPurpose.SIGN_IN)
    await reply.send(texts.LINK, keyboards.rows([("🔗 Open", url)]))


async def _link(person: Person, purpose: LinkPurpose) -> str:
    return await bridge.call(make_link, user_id=person.user_id, purpose=purpose, now=now())
