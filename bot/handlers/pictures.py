"""/chart, /pnl and /equity: pictures of a market, of a position, of an account."""

from functools import partial

from aiogram import F, Router
from aiogram.filters import Command, CommandObject

from bot import reading
from bot.context import Person, Reply, Tap, now
from bot.texts import screens
from bot.texts.cards import tag
from core import bridge
from core.errors import Refused
from trading.facts import PositionFacts
from trading.services import list_positions, read_chart, read_equity


def make_router() -> Router:
    router = Router(name="pictures")
    router.message.register(chart, Command("chart", ignore_case=True))
    router.message.register(pnl, Command("pnl", ignore_case=True))
    router.message.register(equity, Command("equity", ignore_case=True))
    router.callback_query.register(chart_by_button, F.data.startswith("ch:"))
    return router


async def chart(_: object, person: Person, reply: Reply, command: CommandObject) -> None:
    """/chart sol: the market's last hours; of the market that is held, or the first one."""
    symbol = (command.args or "").strip()[:40]
    if not symbol:
        held = await bridge.call(list_positions, user_id=person.user_id, limit=1)
        if held:
            await _show_chart(person, reply, held[0].deployment, held[0].market)
            return
        markets = await bridge.call(reading.read_markets, deployment=person.deployment, now=now())
        symbol = markets[0].symbol if markets else "SOL"
    await _show_chart(person, reply, person.deployment, symbol)


async def chart_by_button(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    await tap.answer()
    _, deployment, symbol = [*tap.data.split(":"), "", ""][:3]
    if deployment not in reading.venues() or not symbol:
        raise Refused("button.unknown")
    await _show_chart(person, reply.anew(), deployment, symbol)


async def _show_chart(person: Person, reply: Reply, deployment: str, symbol: str) -> None:
    from bot.pictures.price_chart import price_chart

    moment = now()
    found = await bridge.call(
        read_chart, user_id=person.user_id, deployment=deployment, symbol=symbol, now=moment
    )
    draw = partial(
        price_chart, found, hidden=person.hides_amounts, time_zone=person.time_zone, now=moment
    )
    picture = await bridge.call_outside(draw)
    await reply.send_photo(picture, screens.chart_caption(found), name="chart")


async def pnl(_: object, person: Person, reply: Reply, command: CommandObject) -> None:
    await show_pnl(person, reply, symbol=(command.args or "").strip()[:40])


async def show_pnl(person: Person, reply: Reply, *, symbol: str) -> None:
    """A card of the position that was named; without a name, of the one opened last."""
    from bot.pictures.pnl_card import pnl_card

    held = await bridge.call(list_positions, user_id=person.user_id, open_only=False, limit=50)
    meant = _first(held, symbol)
    draw = partial(
        pnl_card,
        meant,
        tag=tag(meant.deployment),
        hidden=person.hides_amounts,
        time_zone=person.time_zone,
        now=now(),
    )
    picture = await bridge.call_outside(draw)
    caption = screens.pnl_caption(meant, now=now(), hidden=person.hides_amounts)
    await reply.send_photo(picture, caption, name="pnl")


def _first(held: tuple[PositionFacts, ...], symbol: str) -> PositionFacts:
    """An open position before one that has ended."""
    wanted = symbol.upper()
    named = [each for each in held if wanted in ("", each.market.upper(), each.base_asset.upper())]
    if not named:
        raise Refused("order.no_position", market=symbol[:20] or "any market")
    return next((each for each in named if each.status == "open"), named[0])


async def equity(_: object, person: Person, reply: Reply) -> None:
    await show_equity(person, reply)


async def show_equity(person: Person, reply: Reply) -> None:
    """The curve of the venue where the person's orders go."""
    from bot.pictures.equity_curve import equity_curve

    moment = now()
    found = await bridge.call(
        read_equity, user_id=person.user_id, deployment=person.deployment, now=moment
    )
    draw = partial(
        equity_curve, found, hidden=person.hides_amounts, time_zone=person.time_zone, now=moment
    )
    picture = await bridge.call_outside(draw)
    caption = screens.equity_caption(found, hidden=person.hides_amounts)
    await reply.send_photo(picture, caption, name="equity")
