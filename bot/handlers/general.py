"""/start, /help, /drift and its buttons, /status, /abort."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext

from bot import keyboards, reading
from bot.acts import Acts
from bot.arrivals import Arrivals
from bot.context import Person, Reply, Tap, now
from bot.handlers import (
    alerts,
    deposit,
    lists,
    orders,
    pictures,
    positions,
    settings,
    trade,
    wallet,
    withdraw,
)
from bot.texts import common, screens
from core import bridge


def make_router() -> Router:
    router = Router(name="general")
    router.message.register(start, CommandStart(ignore_case=True))
    router.message.register(show_help, Command("help", ignore_case=True))
    router.message.register(show_hub, Command("drift", "menu", ignore_case=True))
    router.message.register(show_status, Command("status", ignore_case=True))
    router.message.register(abort, Command("abort", ignore_case=True))
    router.callback_query.register(abort_by_button, F.data == "fl:abort")
    router.callback_query.register(open_screen, F.data.startswith("hub:"))
    return router


async def start(_: object, person: Person, reply: Reply, state: FSMContext) -> None:
    """Let the person in (the reception has made their row); never makes a wallet."""
    await state.clear()
    user_id = person.user_id
    found = await bridge.call(reading.read_wallet, user_id=user_id, telegram_id=person.telegram_id)
    assert person.facts is not None
    text = common.welcome(
        first_name=person.facts.first_name,
        is_new=person.is_new,
        has_wallet=found is not None,
    )
    await reply.send(text, keyboards.hub() if found else None)


async def show_help(_: object, reply: Reply, command: CommandObject) -> None:
    about_orders = (command.args or "").strip().lower().startswith("order")
    await reply.send(common.order_help() if about_orders else common.help_text())


async def show_hub(_: object, reply: Reply, state: FSMContext) -> None:
    await state.clear()
    await reply.send(common.HUB, keyboards.hub())


async def show_status(_: object, reply: Reply) -> None:
    condition = await bridge.call_outside(reading.read_condition, now=now())
    await reply.send(screens.status_screen(condition))


async def abort(_: object, reply: Reply, state: FSMContext) -> None:
    was_in_flow = await state.get_state() is not None
    await state.clear()
    await reply.send(common.ABORTED if was_in_flow else common.NOT_IN_FLOW)


async def abort_by_button(_: object, reply: Reply, tap: Tap, state: FSMContext) -> None:
    await state.clear()
    await tap.answer()
    await reply.edit(common.CANCELLED)


async def open_screen(
    _: object,
    person: Person,
    reply: Reply,
    tap: Tap,
    state: FSMContext,
    acts: Acts,
    arrivals: Arrivals,
) -> None:
    """A button of the hub, or a refresh (`!`) of the screen it stands on."""
    await tap.answer()
    what, refresh = tap.data.removeprefix("hub:"), tap.data.endswith("!")
    reply = reply if refresh else reply.anew()
    match what.rstrip("!"):
        case "deposit":
            await deposit.begin(person, reply, state, acts, typed="", arrivals=arrivals)
        case "long" | "short" as side:
            await trade.begin(person, reply, state, acts, side=side, typed="")
        case "withdraw":
            await withdraw.show(person, reply)
        case "funding":
            await lists.show_funding(person, reply)
        case "positions":
            await positions.show(person, reply)
        case "orders":
            await orders.show(person, reply, page=0, open_only=True)
        case "markets":
            await lists.show_markets(person, reply)
        case "health":
            await wallet.show_health(person, reply)
        case "balance":
            await wallet.show_balance(person, reply, fresh=refresh)
        case "settings":
            await settings.show(person, reply)
        case "alerts":
            await alerts.show(person, reply)
        case "pnl":
            await pictures.show_pnl(person, reply, symbol="")
        case "equity":
            await pictures.show_equity(person, reply)
        case _:
            await reply.send(common.NOT_UNDERSTOOD)
