"""/deposit: from the wallet to the venue; the first one makes the wallet and the account."""

from decimal import Decimal

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot import keyboards, reading
from bot.acts import Acts
from bot.arrivals import Arrivals
from bot.context import Person, Reply, Tap, now
from bot.flows import DepositFlow
from bot.handlers.wallet import make_wallet, send_wallet
from bot.parsing import parse_deposit
from bot.texts import figures
from core import bridge
from core.errors import Refused
from core.money import ZERO
from trading.services import largest_deposit
from wallets.facts import WalletFacts
from wallets.services import expect_incoming
from wallets.tokens import SOL

_NO_WALLET = (
    "You have no wallet yet. Shall I make one? You then send money to its address, and the "
    "deposit goes on from there. Nothing is moved by this."
)


def make_router() -> Router:
    router = Router(name="deposit")
    router.message.register(deposit, Command("deposit", ignore_case=True))
    router.callback_query.register(create_first, F.data == "dw:create")
    router.callback_query.register(check_arrival, F.data == "dc:check")
    router.callback_query.register(amount_by_button, F.data.startswith("da:"))
    router.message.register(amount_typed, StateFilter(DepositFlow.amount), F.text)
    return router


async def deposit(
    _: object,
    person: Person,
    reply: Reply,
    command: CommandObject,
    state: FSMContext,
    acts: Acts,
    arrivals: Arrivals,
) -> None:
    await begin(person, reply, state, acts, typed=(command.args or "").strip(), arrivals=arrivals)


async def begin(
    person: Person,
    reply: Reply,
    state: FSMContext,
    acts: Acts,
    *,
    typed: str,
    arrivals: Arrivals | None = None,
) -> None:
    """The first step; with an amount and money in the wallet it ends in a card."""
    await state.clear()
    if typed:
        # What cannot be read is refused before anything else is asked.
        words, _ = _split(person, typed)
        parse_deposit(words, held=Decimal(1))
    wallet = await _fresh_wallet(person)
    if wallet is None:
        await state.set_data({"deposit": typed})
        buttons = [("✅ Make my wallet", "dw:create"), ("✖️ Cancel", "fl:abort")]
        await reply.send(_NO_WALLET, keyboards.rows(buttons))
        return
    await _go_on(person, reply, state, acts, wallet, typed, arrivals)
    await bridge.call(expect_incoming, wallet_id=wallet.id)


async def create_first(
    _: object, person: Person, reply: Reply, tap: Tap, arrivals: Arrivals
) -> None:
    """Make the wallet, show where to send money, and wait for it."""
    await tap.answer("Making your wallet…")
    wallet, _new = await make_wallet(person)
    await reply.edit(
        "✅ Your wallet is made. Send money to it; the deposit goes on when it is there."
    )
    await send_wallet(person, wallet, reply)
    await arrivals.expect(person, wallet, held=ZERO)


async def check_arrival(
    _: object, person: Person, reply: Reply, tap: Tap, state: FSMContext, acts: Acts
) -> None:
    """ "I have sent it": look at the chain now, and go on if something is there."""
    wallet = await _fresh_wallet(person)
    symbol = _symbol(person)
    if wallet is None or held_of(wallet, symbol) <= 0:
        sol = held_of(wallet, "SOL") if wallet else ZERO
        await tap.answer(
            f"Looked just now: no {symbol} yet, {figures.token(sol, 'SOL')}.", alert=True
        )
        return
    await tap.answer()
    typed = str((await state.get_data()).get("deposit", ""))
    await _go_on(person, reply.anew(), state, acts, wallet, typed, None)


async def amount_typed(
    message: Message, person: Person, reply: Reply, state: FSMContext, acts: Acts
) -> None:
    await _quote_typed(person, reply, state, acts, message.text or "")


async def amount_by_button(
    _: object, person: Person, reply: Reply, tap: Tap, state: FSMContext, acts: Acts
) -> None:
    await tap.answer()
    await _quote_typed(person, reply, state, acts, tap.data[3:])


async def _quote_typed(
    person: Person, reply: Reply, state: FSMContext, acts: Acts, typed: str
) -> None:
    words, _ = _split(person, typed)
    parse_deposit(words, held=Decimal(1))
    wallet = await _fresh_wallet(person)
    if wallet is None:
        raise Refused("button.unknown")
    await _quote(person, reply, state, acts, wallet, typed)


async def _go_on(
    person: Person,
    reply: Reply,
    state: FSMContext,
    acts: Acts,
    wallet: WalletFacts,
    typed: str,
    arrivals: Arrivals | None,
) -> None:
    _, symbol = _split(person, typed)
    held = held_of(wallet, symbol)
    if held <= 0:
        await state.set_data({"deposit": typed})
        await send_wallet(person, wallet, reply, title=f"Your wallet holds no {symbol} yet.")
        if arrivals is not None:
            await arrivals.expect(person, wallet, held=held)
    elif typed:
        await _quote(person, reply, state, acts, wallet, typed)
    else:
        await state.set_state(DepositFlow.amount)
        text = (
            f"Your wallet holds {figures.token(held, symbol)}. How much to deposit? "
            "Type an amount, or choose. /abort leaves."
        )
        await reply.send(text, keyboards.deposit_amounts())


async def _quote(
    person: Person,
    reply: Reply,
    state: FSMContext,
    acts: Acts,
    wallet: WalletFacts,
    typed: str,
) -> None:
    words, symbol = _split(person, typed)
    held = held_of(wallet, symbol)
    if symbol == SOL:
        # A part of it is a part of what can go: fees, rent and later trades are left out.
        most = await bridge.call(
            largest_deposit,
            user_id=person.user_id,
            deployment=person.deployment,
            token_symbol=symbol,
        )
        held = most or held
    amount = parse_deposit(words, held=held)
    if amount <= 0:
        raise Refused("amount.not_positive", typed=typed[:40])
    await acts.quote_deposit(
        deployment=person.deployment,
        token_symbol=symbol,
        amount=amount,
        person=person,
        reply=reply,
        now=now(),
    )
    await state.clear()


async def _fresh_wallet(person: Person) -> WalletFacts | None:
    return await bridge.call(
        reading.read_fresh_wallet,
        user_id=person.user_id,
        telegram_id=person.telegram_id,
        now=now(),
    )


def held_of(wallet: WalletFacts, symbol: str) -> Decimal:
    return next((b.available for b in wallet.balances if b.token_symbol == symbol), ZERO)


def _split(person: Person, typed: str) -> tuple[str, str]:
    """`0.5 sol` is an amount and a token that the venue takes; alone it is of the quote token."""
    words, _, last = typed.strip().rpartition(" ")
    if last.upper() in reading.collateral(person.deployment):
        return words, last.upper()
    return typed, _symbol(person)


def _symbol(person: Person) -> str:
    return reading.quote_symbol(person.deployment)
