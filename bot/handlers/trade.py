"""/long and /short: at once when all is said, else market and size are asked for."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, Update

from bot import keyboards, reading
from bot.acts import Acts
from bot.context import Person, Reply, Tap, now
from bot.flows import OrderFlow
from bot.markup import bold, quote
from bot.order_words import OrderWords, parse_order
from bot.texts import common, figures
from core import bridge
from core.errors import NotFound, Refused
from core.money import plain
from trading.services import read_market
from trading.services.preview_order import OrderWish
from wallets.services import access_wallet

_SIDES = ("long", "short")
_OTHER = {"long": "short", "short": "long"}


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
    if words.symbol is None and words.has_size:
        raise NotFound("market.not_found", symbol=typed[:20], known=await _known(person))
    await _go_on(person, reply, state, acts, side, typed, update_id)


async def market_by_button(
    _: object, person: Person, reply: Reply, tap: Tap, state: FSMContext, acts: Acts
) -> None:
    await tap.answer()
    _, side, symbol = [*tap.data.split(":"), "", ""][:3]
    if side not in _SIDES or not symbol:
        raise Refused("button.unknown")
    # What was typed before the question still counts, if it is of this question.
    data = await state.get_data()
    typed = str(data.get("typed", "")) if data.get("side") == side else ""
    await _go_on(person, reply, state, acts, side, f"{symbol} {typed}")


async def market_typed(
    message: Message, person: Person, reply: Reply, state: FSMContext, acts: Acts
) -> None:
    """The answer to "which market?"; a size may come along with it."""
    data, answer = await state.get_data(), message.text or ""
    if parse_order(answer).symbol is None:
        raise NotFound("market.not_found", symbol=answer[:20], known=await _known(person))
    typed = f"{answer} {data.get('typed', '')}"
    await _go_on(person, reply, state, acts, str(data.get("side", "long")), typed)


async def size_typed(
    message: Message, person: Person, reply: Reply, state: FSMContext, acts: Acts
) -> None:
    """The answer to "how much?". What cannot be read leaves the question open."""
    await _size_answered(person, reply, state, acts, message.text or "")


async def size_by_button(
    _: object, person: Person, reply: Reply, tap: Tap, state: FSMContext, acts: Acts
) -> None:
    """One of the sizes that the question offered."""
    await tap.answer()
    if await state.get_state() != OrderFlow.size.state:
        raise Refused("button.unknown")
    await _size_answered(person, reply, state, acts, f"${tap.data[3:]}")


async def _size_answered(
    person: Person, reply: Reply, state: FSMContext, acts: Acts, answer: str
) -> None:
    data = await state.get_data()
    typed = f"{data.get('typed', '')} {answer}"
    if not parse_order(typed).has_size:
        raise Refused("order.no_size")
    await _go_on(person, reply, state, acts, str(data.get("side")), typed)


async def _go_on(
    person: Person,
    reply: Reply,
    state: FSMContext,
    acts: Acts,
    side: str,
    typed: str,
    update_id: int = 0,
) -> None:
    """Ask for what is missing of an order, or show its card."""
    words = parse_order(typed)
    if words.symbol is None:
        await _ask_market(person, reply, state, side, typed)
    elif not (words.has_size or words.flip):
        await _ask_size(person, reply, state, side, typed, words)
    else:
        # Typed is what the order does; of what reduces, a wish names what is held.
        meant = _OTHER[side] if words.reduce_only else side
        wish = OrderWish(
            deployment=person.deployment, symbol=words.symbol, side=meant, **words.wished()
        )
        await acts.quote_order(wish, person=person, reply=reply, now=now(), update_id=update_id)
        await state.clear()


async def _ask_market(
    person: Person, reply: Reply, state: FSMContext, side: str, typed: str
) -> None:
    found = await bridge.call(reading.read_markets, deployment=person.deployment, now=now())
    await state.set_state(OrderFlow.market)
    await state.set_data({"side": side, "typed": typed})
    await reply.edit(f"{bold(side.upper())}: {common.WHICH_MARKET}", keyboards.markets(side, found))


async def _ask_size(
    person: Person, reply: Reply, state: FSMContext, side: str, typed: str, words: OrderWords
) -> None:
    market = await bridge.call(
        read_market, deployment=person.deployment, symbol=words.symbol or "", now=now()
    )
    await state.set_state(OrderFlow.size)
    await state.set_data({"side": side, "typed": typed})
    least = figures.size(market.min_order_size, market.step_size, market.base_asset)
    text = (
        f"{bold(f'{side.upper()} {market.symbol}')} at "
        f"{figures.price(market.price, market.tick_size)}\nHow much? Type a size in "
        f"{quote(market.base_asset)} (from {least}), or a value like $100. /abort leaves."
    )
    await reply.edit(text, keyboards.sizes([plain(each) for each in person.presets]))


async def _known(person: Person) -> str:
    found = await bridge.call(reading.read_markets, deployment=person.deployment, now=now())
    return ", ".join(market.base_asset for market in found)
