"""/orders with their detail; /cancel, /tp, /sl, /panic and the change of an order that rests."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot import keyboards
from bot.acts import Acts
from bot.cards import Cards
from bot.context import Person, Reply, Tap, now
from bot.flows import ChangeFlow
from bot.markup import bold, quote
from bot.parsing import is_symbol, parse_size, split_words
from bot.texts import common, screens
from bot.texts.order_words import ROLES, modified_text, order_line
from core import bridge
from core.errors import NotFound, Refused
from trading.facts import PositionFacts
from trading.risk import refuse
from trading.services import list_orders, list_positions, preview_stops, read_order

PAGE = 5
_LAST_PAGE = 40
STOPS_USAGE = "Write it like /sl sol 130 or /tp sol 170."
_PRICES = ("stop_loss", "take_profit")


def make_router() -> Router:
    router = Router(name="orders")
    router.message.register(orders, Command("orders", ignore_case=True))
    router.message.register(cancel, Command("cancel", ignore_case=True))
    router.message.register(stops, Command("sl", "tp", ignore_case=True))
    router.message.register(panic, Command("panic", ignore_case=True))
    router.callback_query.register(turn, F.data.startswith("po:"))
    router.callback_query.register(detail, F.data.startswith("od:"))
    router.callback_query.register(cancel_by_button, F.data.startswith("cx:"))
    router.callback_query.register(cancel_all_by_button, F.data.startswith("ca:"))
    router.callback_query.register(change_by_button, F.data.startswith("md:"))
    router.message.register(change_typed, StateFilter(ChangeFlow.value), F.text)
    return router


async def orders(_: object, person: Person, reply: Reply) -> None:
    await show(person, reply, page=0, open_only=True)


async def show(person: Person, reply: Reply, *, page: int, open_only: bool) -> None:
    """Five orders a page, newest first; those that are open, or all there ever were."""
    # From the newest on: rows of one moment must not fall between two pages.
    found = await bridge.call(
        list_orders,
        user_id=person.user_id,
        open_only=open_only,
        limit=PAGE * (page + 1) + 1,
        folded=True,
    )
    shown = found[PAGE * page : PAGE * (page + 1)]
    text = screens.orders_screen(shown, time_zone=person.time_zone, page=page, open_only=open_only)
    buttons = keyboards.orders(
        shown, page, open_only=open_only, has_older=len(found) > PAGE * (page + 1)
    )
    await reply.edit(text, buttons)


async def turn(_: object, person: Person, reply: Reply, tap: Tap) -> None:
    await tap.answer()
    word, number = tap.data[3:4], tap.data[4:]
    if word not in ("o", "a") or not (number.isascii() and number.isdigit() and len(number) < 4):
        raise Refused("button.unknown")
    await show(person, reply, page=min(int(number), _LAST_PAGE), open_only=word == "o")


async def detail(_: object, person: Person, reply: Reply, tap: Tap, cards: Cards) -> None:
    """The order's own card, as a message of its own that follows it."""
    await tap.answer()
    await cards.show_anew(
        user_id=person.user_id,
        chat_id=reply.chat_id,
        subject_type="order",
        subject_id=_order_id(tap),
    )


async def cancel(
    _: object, person: Person, reply: Reply, command: CommandObject, state: FSMContext, acts: Acts
) -> None:
    """/cancel leaves a question; /cancel all or /cancel sol asks to cancel what rests."""
    was_in_flow = await state.get_state() is not None
    await state.clear()
    typed = (command.args or "").strip()
    if was_in_flow and not typed:
        await reply.send(common.ABORTED)
    elif not typed:
        await show(person, reply, page=0, open_only=True)
    else:
        symbol = "" if typed.lower() == "all" else typed[:20]
        await _ask_cancel_all(symbol, person, reply, acts)


async def cancel_by_button(_: object, person: Person, reply: Reply, tap: Tap, acts: Acts) -> None:
    await tap.answer()
    order = await bridge.call(read_order, user_id=person.user_id, order_id=_order_id(tap))
    text = "\n".join([bold(f"Cancel on {quote(order.market)}?"), order_line(order)])
    await acts.ask_change(
        "cancel",
        {"order_ids": [str(order.id)]},
        text,
        person=person,
        reply=reply.anew(),
        now=now(),
    )


async def cancel_all_by_button(
    _: object, person: Person, reply: Reply, tap: Tap, acts: Acts
) -> None:
    await tap.answer()
    await _ask_cancel_all("", person, reply.anew(), acts)


async def _ask_cancel_all(symbol: str, person: Person, reply: Reply, acts: Acts) -> None:
    found = await bridge.call(
        list_orders, user_id=person.user_id, open_only=True, limit=100, symbol=symbol or None
    )
    if not found:
        raise NotFound("order.none_open", market=symbol or "any market")
    where = f" on {quote(symbol.upper())}" if symbol else ""
    lines = [bold(f"Cancel {len(found)} orders{where}? Stops are among them.")]
    lines += [order_line(order) for order in found[:PAGE]]
    if len(found) > PAGE:
        lines.append(f"and {len(found) - PAGE} more")
    await acts.ask_change(
        "cancel_all",
        {"symbol": symbol or None},
        "\n".join(lines),
        person=person,
        reply=reply,
        now=now(),
    )


async def stops(
    _: object, person: Person, reply: Reply, command: CommandObject, state: FSMContext, acts: Acts
) -> None:
    """/sl sol 130, /tp sol 170; without a market, of the one position that is open."""
    await state.clear()
    words = split_words(command.args or "", STOPS_USAGE)
    symbols = [word for word in words if is_symbol(word)]
    numbers = [word for word in words if not is_symbol(word)]
    if len(numbers) != 1 or len(symbols) > 1:
        raise Refused("command.too_many", typed=(command.args or "")[:40], usage=STOPS_USAGE)
    price = parse_size(numbers[0].removeprefix("$"))
    held = await bridge.call(list_positions, user_id=person.user_id)
    wanted = symbols[0].upper() if symbols else ""
    meant = [each for each in held if wanted in ("", each.market.upper(), each.base_asset.upper())]
    if not meant:
        raise Refused("order.no_position", market=wanted or "any market")
    if len(meant) > 1:
        # One market, held at several venues: the person's own is meant.
        here = [each for each in meant if each.deployment == person.deployment]
        if not symbols or len(here) != 1:
            raise Refused("order.several_positions", known=_names(meant))
        meant = here
    position, is_stop = meant[0], command.command.lower() == "sl"
    asked: dict[str, Any] = {
        "deployment": position.deployment,
        "symbol": position.market,
        "stop_loss": price if is_stop else None,
        "take_profit": None if is_stop else price,
    }
    [preview] = await bridge.call(preview_stops, user_id=person.user_id, now=now(), **asked)
    refuse(preview.denials)
    role = "stop_loss" if is_stop else "take_profit"
    open_ones = await bridge.call(
        list_orders, user_id=person.user_id, open_only=True, limit=50,
        deployment=position.deployment, symbol=position.market,
    )  # fmt: skip
    guarding = [each for each in open_ones if (each.role, each.side) == (role, position.side)]
    text = screens.stops_text(
        position, name=ROLES[role], price=price, size=preview.size, guarding=guarding
    )
    content = asked | {name: None if asked[name] is None else str(price) for name in _PRICES}
    await acts.ask_change("stops", content, text, person=person, reply=reply, now=now())


def _names(held: Sequence[PositionFacts]) -> str:
    return ", ".join(f"{each.base_asset} at {each.deployment.capitalize()}" for each in held)


async def panic(_: object, person: Person, reply: Reply, state: FSMContext, acts: Acts) -> None:
    await state.clear()
    held = await bridge.call(list_positions, user_id=person.user_id, limit=50)
    resting = await bridge.call(list_orders, user_id=person.user_id, open_only=True, limit=100)
    text = screens.panic_text(held, orders=len(resting))
    await acts.ask_change("panic", {}, text, person=person, reply=reply, now=now())


async def change_by_button(
    _: object, person: Person, reply: Reply, tap: Tap, state: FSMContext
) -> None:
    """Ask for the new price (a trigger's, where it has none of its own)."""
    await tap.answer()
    order = await bridge.call(read_order, user_id=person.user_id, order_id=_order_id(tap))
    await state.set_state(ChangeFlow.value)
    await state.set_data({"order": str(order.id)})
    what = "trigger price" if order.price is None else "price"
    await reply.send(
        f"{bold(quote(order.market))} {order_line(order)}\n"
        f"Type the new {what}, or a new size as “size 0.5”. /abort leaves."
    )


async def change_typed(
    message: Message, person: Person, reply: Reply, state: FSMContext, acts: Acts
) -> None:
    """The new value; what cannot be read leaves the question open."""
    data = await state.get_data()
    order = await bridge.call(
        read_order, user_id=person.user_id, order_id=uuid.UUID(str(data.get("order")))
    )
    words = split_words((message.text or "").lower(), "Type one price, or “size 0.5”.")
    field, value = _change_of(words, has_price=order.price is not None)
    await state.clear()
    await acts.ask_change(
        "modify",
        {"order_id": str(order.id), "change": {field: str(value)}},
        modified_text(order, field, value),
        person=person,
        reply=reply,
        now=now(),
    )


def _change_of(words: list[str], *, has_price: bool) -> tuple[str, Decimal]:
    names = {"size": "size", "price": "price", "trigger": "trigger_price"}
    field = "price" if has_price else "trigger_price"
    if len(words) == 2 and words[0] in names:
        field = names[words.pop(0)]
    if len(words) != 1:
        raise Refused("command.too_many", typed=" ".join(words)[:40], usage="One number, please.")
    return field, parse_size(words[0].removeprefix("$"))


def _order_id(tap: Tap) -> uuid.UUID:
    try:
        return uuid.UUID(hex=tap.data[3:])
    except ValueError:
        raise Refused("button.unknown") from None
