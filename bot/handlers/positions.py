"""/myposition and /close: what is held, and the way out of it."""

from decimal import Decimal

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import Update

from bot import keyboards, reading
from bot.acts import Acts
from bot.context import Person, Reply, Tap, now
from bot.markup import quote
from bot.parsing import parse_close, parse_percent
from bot.reading import Positions
from bot.texts import screens
from core import bridge
from core.errors import Refused, Unavailable
from trading.facts import PositionFacts
from trading.services.preview_order import OrderWish


def make_router() -> Router:
    router = Router(name="positions")
    router.message.register(my_position, Command("myposition", "positions", ignore_case=True))
    router.message.register(close, Command("close", ignore_case=True))
    router.callback_query.register(close_by_button, F.data.startswith("cl:"))
    return router


async def my_position(_: object, person: Person, reply: Reply) -> None:
    await show(person, reply)


async def show(person: Person, reply: Reply) -> None:
    """Open positions with their PnL; from the chain, marked live, without the books."""
    found = await _read(person)
    text = screens.positions_screen(found, now=now(), hidden=person.hides_amounts)
    buttons = keyboards.positions(found.positions) if found.positions else keyboards.hub()
    await reply.edit(text, buttons)


async def close(
    _: object,
    person: Person,
    reply: Reply,
    command: CommandObject,
    state: FSMContext,
    acts: Acts,
    event_update: Update,
) -> None:
    """/close [symbol] [25|50|100%|all]: a confirm card for each position that is meant."""
    await state.clear()
    words = parse_close(command.args or "")
    held = await bridge.call(reading.read_positions, user_id=person.user_id)
    if not held.positions:
        _refuse_elsewhere(held, words.symbol)
        raise Refused("order.no_position", market="any market")
    meant = _meant(held, words.symbol)
    if words.everything or (words.percent is not None and len(meant) == 1):
        for position in meant:
            # One update may confirm one act at once; several go by their cards.
            update_id = event_update.update_id if len(meant) == 1 else 0
            await _quote(position, words.percent or Decimal(100), person, reply, acts, update_id)
        return
    if len(meant) == 1:
        name = quote(meant[0].market)
        await reply.send(f"How much of {name} to close?", keyboards.close_parts(meant[0]))
        return
    await show(person, reply)


async def close_by_button(_: object, person: Person, reply: Reply, tap: Tap, acts: Acts) -> None:
    """A part of a position, named on a button: it leads to a confirm card."""
    await tap.answer()
    parts = tap.data.split(":")
    if len(parts) != 4:
        raise Refused("button.unknown")
    _, deployment, market, percent = parts
    reading.check_tradable(deployment)
    wish = OrderWish(
        deployment=deployment, symbol=market, side="long", percent=parse_percent(percent)
    )
    held = await bridge.call(reading.read_positions, user_id=person.user_id)
    for position in held.positions:
        if (position.deployment, position.market) == (deployment, market):
            await _quote(position, parse_percent(percent), person, reply.anew(), acts, 0)
            return
    # The books may not show yet what the chain does: the quote looks there.
    await acts.quote_order(wish, person=person, reply=reply.anew(), now=now())


async def _quote(
    position: PositionFacts,
    percent: Decimal,
    person: Person,
    reply: Reply,
    acts: Acts,
    update_id: int,
) -> None:
    wish = OrderWish(
        deployment=position.deployment,
        symbol=position.market,
        side=position.side,
        percent=percent,
    )
    await acts.quote_order(wish, person=person, reply=reply, now=now(), update_id=update_id)


def _meant(held: Positions, symbol: str | None) -> list[PositionFacts]:
    if symbol is None:
        return list(held.positions)
    meant = _of_symbol(held.positions, symbol)
    if not meant:
        _refuse_elsewhere(held, symbol)
        raise Refused("order.no_position", market=symbol[:20])
    return meant


def _of_symbol(held: tuple[PositionFacts, ...], symbol: str) -> list[PositionFacts]:
    wanted = symbol.upper()
    return [each for each in held if wanted in (each.market.upper(), each.base_asset.upper())]


def _refuse_elsewhere(held: Positions, symbol: str | None) -> None:
    """Say so where it is held at a venue that the desk cannot trade at."""
    for venue in held.elsewhere:
        if symbol is None or _of_symbol(venue.positions, symbol):
            raise Refused("venue.read_only", venue=venue.display_name)


async def _read(person: Person) -> Positions:
    try:
        return await bridge.call(reading.read_positions, user_id=person.user_id)
    except Unavailable as error:
        if error.code != "database.down":
            raise
    return await bridge.call_outside(
        reading.read_live_positions, telegram_id=person.telegram_id, now=now()
    )
