"""/history, /funding, /markets, /price: five rows a page."""

from collections.abc import Callable, Sequence

from aiogram import F, Router
from aiogram.filters import Command, CommandObject

from bot import keyboards, reading
from bot.context import Person, Reply, Tap, now
from bot.texts import screens
from core import bridge
from core.errors import Refused
from trading.facts import HistoryRow
from trading.services import list_entries, list_history, read_market

PAGE = 5
_LAST_PAGE = 40


def make_router() -> Router:
    router = Router(name="lists")
    router.message.register(history, Command("history", ignore_case=True))
    router.message.register(funding, Command("funding", ignore_case=True))
    router.message.register(markets, Command("markets", ignore_case=True))
    router.message.register(price, Command("price", ignore_case=True))
    router.callback_query.register(turn_history, F.data.startswith("ph:"))
    router.callback_query.register(turn_funding, F.data.startswith("pf:"))
    return router


async def history(_: object, person: Person, reply: Reply) -> None:
    await _show_history(person, reply, page=0)


async def turn_history(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    await tap.answer()
    await _show_history(person, reply, page=_page(tap))


async def _show_history(person: Person, reply: Reply, *, page: int) -> None:
    found = await bridge.call(list_history, user_id=person.user_id, limit=_most(page))
    await _show_page(found, screens.history_screen, "ph", person, reply, page)


async def funding(_: object, person: Person, reply: Reply) -> None:
    await show_funding(person, reply)


async def turn_funding(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    await tap.answer()
    await show_funding(person, reply, page=_page(tap))


async def show_funding(person: Person, reply: Reply, *, page: int = 0) -> None:
    found = await bridge.call(
        list_entries, user_id=person.user_id, kind="funding", limit=_most(page)
    )
    await _show_page(found, screens.funding_screen, "pf", person, reply, page)


def _most(page: int) -> int:
    """All rows up to this page's end, and one more that tells whether there are older ones."""
    return PAGE * (page + 1) + 1


async def _show_page(
    found: Sequence[HistoryRow],
    screen: Callable[..., str],
    prefix: str,
    person: Person,
    reply: Reply,
    page: int,
) -> None:
    text = screen(
        found[PAGE * page : PAGE * (page + 1)],
        time_zone=person.time_zone,
        page=page,
        hidden=person.hides_amounts,
    )
    has_older = len(found) == _most(page)
    await reply.edit(text, keyboards.pages(prefix, page, has_older=has_older))


async def markets(_: object, person: Person, reply: Reply) -> None:
    await show_markets(person, reply)


async def show_markets(person: Person, reply: Reply) -> None:
    found = await bridge.call(reading.read_market_page, deployment=person.deployment, now=now())
    text = screens.markets_screen(found.markets, deployment=person.deployment, closed=found.closed)
    await reply.edit(text, keyboards.hub())


async def price(_: object, person: Person, reply: Reply, command: CommandObject) -> None:
    """/price sol; without a name, all of them."""
    symbol = (command.args or "").strip()
    if not symbol:
        await show_markets(person, reply)
        return
    found = await bridge.call(
        read_market,
        deployment=person.deployment,
        symbol=symbol[:40],
        now=now(),
    )
    await reply.send(screens.price_screen(found))


def _page(tap: Tap) -> int:
    number = tap.data[3:]
    if not (number.isascii() and number.isdigit() and len(number) <= 3):
        raise Refused("button.unknown")
    return min(int(number), _LAST_PAGE)
