"""/long and /short: at once when all is said, else market and size are asked for."""

from decimal import Decimal

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, Update

from bot import keyboards, reading
from bot.acts import Acts
from bot.context import Person, Reply, Tap, now
from bot.flows import OrderFlow
from bot.markup import bold, quote
from bot.parsing import OrderWords, parse_order
from bot.texts import common, figures
from core import bridge
from core.errors import NotFound, Refused
from core.money import plain
from trading.services import read_market
from trading.services.preview_order import OrderWish
from wallets.services import access_wallet

_SIDES = ("long", "short")


def make_router() -> Router:
    router = Router(name="trade")
    router.message.register(open_order, Command(*_SIDES, ignore_case=True))
    router.callback_query.register(market_by_button, F.data.startswith("mk:"))
    router.callback_query.register(size_by_button, F.data.startswith("sz:"))
    router.message.register(market_typed, StateFilter(OrderFlow.market), F.text)
    router.message.register(size_typed, StateFilter(OrderFlow.size), F.text)
    return router


async def open_order(
    _: object,
    person: Person,
    reply: Reply,
    command: CommandObject,
    state: FSMContext,
    acts: Acts,
    event_update: Update,
) -> None:
    await begin(
        person,
        reply,
        state,
        acts,
        side=command.command.lower(),
        typed=command.args or "",
        update_id=event_update.update_id,
    )


async def begin(
    person: Person,
    reply: Reply,
    state: FSMContext,
    acts: Acts,
    *,
    side: str,
    typed: str,
    update_id: int = 0,
) -> None:
    """The first step of an order; ends in a card when everything was said."""
    await state.clear()
    words = parse_order(typed)
    await bridge.call(access_wallet, user_id=person.user_id)
    if words.symbol is None:
        if words.has_size:
            raise NotFound("market.not_found", symbol=typed[:20], known=await _known(person))
        await _ask_market(person, reply, state, side)
    elif not words.has_size:
        await _ask_size(person, reply, state, side, words)
    else:
        await _quote(person, reply, acts, side, words, update_id)


async def market_by_button(
    _: object, person: Person, reply: Reply, tap: Tap, state: FSMContext
) -> None:
    await tap.answer()
    _, side, symbol = [*tap.data.split(":"), "", ""][:3]
    if side not in _SIDES or not symbol:
        raise Refused("button.unknown")
    await _ask_size(person, reply, state, side, OrderWords(symbol=symbol))


async def market_typed(
    message: Message, person: Person, reply: Reply, state: FSMContext, acts: Acts
) -> None:
    """The answer to "which market?"; a size may come along with it."""
    side = str((await state.get_data()).get("side", "long"))
    words = parse_order(message.text or "")
    if words.symbol is None:
        raise NotFound(
            "market.not_found", symbol=(message.text or "")[:20], known=await _known(person)
        )
    if words.has_size:
        await _quote_and_leave(person, reply, state, acts, side, words)
    else:
        await _ask_size(person, reply, state, side, words)


async def size_typed(
    message: Message, person: Person, reply: Reply, state: FSMContext, acts: Acts
) -> None:
    """The answer to "how much?". What cannot be read leaves the question open."""
    data = await state.get_data()
    words = parse_order(message.text or "", symbol=str(data.get("symbol", "")))
    if not words.has_size:
        raise Refused("order.no_size")
    leverage = words.leverage or (Decimal(data["leverage"]) if data.get("leverage") else None)
    words = OrderWords(words.symbol, words.size, words.notional, leverage)
    await _quote_and_leave(person, reply, state, acts, str(data.get("side")), words)


async def size_by_button(
    _: object, person: Person, reply: Reply, tap: Tap, state: FSMContext, acts: Acts
) -> None:
    """One of the sizes that the question offered."""
    await tap.answer()
    if await state.get_state() != OrderFlow.size.state:
        raise Refused("button.unknown")
    data = await state.get_data()
    words = parse_order(f"${tap.data[3:]}", symbol=str(data.get("symbol", "")))
    leverage = Decimal(data["leverage"]) if data.get("leverage") else None
    words = OrderWords(words.symbol, None, words.notional, leverage)
    await _quote_and_leave(person, reply, state, acts, str(data.get("side")), words)


async def _ask_market(person: Person, reply: Reply, state: FSMContext, side: str) -> None:
    found = await bridge.call(reading.read_markets, deployment=person.deployment, now=now())
    await state.set_state(OrderFlow.market)
    await state.set_data({"side": side})
    await reply.edit(f"{bold(side.upper())}: {common.WHICH_MARKET}", keyboards.markets(side, found))


async def _ask_size(
    person: Person, reply: Reply, state: FSMContext, side: str, words: OrderWords
) -> None:
    market = await bridge.call(
        read_market, deployment=person.deployment, symbol=words.symbol or "", now=now()
    )
    await state.set_state(OrderFlow.size)
    leverage = str(words.leverage) if words.leverage else ""
    await state.set_data({"side": side, "symbol": market.symbol, "leverage": leverage})
    least = figures.size(market.min_order_size, market.step_size, market.base_asset)
    text = (
        f"{bold(f'{side.upper()} {market.symbol}')} at "
        f"{figures.price(market.price, market.tick_size)}\nHow much? Type a size in "
        f"{quote(market.base_asset)} (from {least}), or a value like $100. /abort leaves."
    )
    await reply.edit(text, keyboards.sizes([plain(each) for each in person.presets]))


async def _quote_and_leave(
    person: Person,
    reply: Reply,
    state: FSMContext,
    acts: Acts,
    side: str,
    words: OrderWords,
) -> None:
    await _quote(person, reply, acts, side, words, 0)
    await state.clear()


async def _quote(
    person: Person, reply: Reply, acts: Acts, side: str, words: OrderWords, update_id: int
) -> None:
    wish = OrderWish(
        deployment=person.deployment,
        symbol=words.symbol or "",
        side=side,
        size=words.size,
        notional=words.notional,
        max_leverage=words.leverage,
    )
    await acts.quote_order(wish, person=person, reply=reply, now=now(), update_id=update_id)


async def _known(person: Person) -> str:
    found = await bridge.call(reading.read_markets, deployment=person.deployment, now=now())
    return ", ".join(market.base_asset for market in found)
