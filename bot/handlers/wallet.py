"""/create, /wallet, /balance, /sync and the health of venue accounts."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from django.conf import settings

from accounts.enums import LinkPurpose
from accounts.services import access_user, make_link, read_security
from bot import keyboards, reading
from bot.context import Person, Reply, now
from bot.pictures import qr_code
from bot.reading import Holdings
from bot.texts import cards, screens
from bot.texts.arrivals import return_data
from bot.texts.common import SYNCING
from bot.texts.security import offer
from core import bridge
from core.errors import NotFound, Unavailable
from trading.services import look_again
from wallets.facts import WalletFacts
from wallets.services import create_wallet, expect_incoming, read_live_wallet


def make_router() -> Router:
    router = Router(name="wallet")
    router.message.register(create, Command("create", ignore_case=True))
    router.message.register(show_wallet, Command("wallet", ignore_case=True))
    router.message.register(balance, Command("balance", ignore_case=True))
    router.message.register(sync, Command("sync", ignore_case=True))
    router.message.register(health, Command("health", ignore_case=True))
    return router


async def create(_: object, person: Person, reply: Reply, state: FSMContext) -> None:
    """Make the wallet, once; asking again shows the one there is."""
    await state.clear()
    wallet, is_new = await make_wallet(person)
    await send_wallet(person, wallet, reply, title="✅ Your wallet is made." if is_new else "")
    await offer_authenticator(person, reply)


async def offer_authenticator(person: Person, reply: Reply) -> None:
    """Said at the beginning: later is when somebody else may be who enrols one."""
    found = await bridge.call(read_security, user_id=person.user_id, now=now())
    if found.has_totp:
        return
    url = await bridge.call(make_link, user_id=person.user_id, purpose=LinkPurpose.ENROL, now=now())
    await reply.anew().send(
        offer(settings.ENVIRONMENT.deposit_limit_without_totp),
        keyboards.rows([("🔐 Enrol an authenticator", url)]),
    )


async def make_wallet(person: Person) -> tuple[WalletFacts, bool]:
    """The person's wallet, and whether it was made now. Raises Unavailable, NotAllowed."""
    await bridge.call(access_user, user_id=person.user_id)
    wallet, is_new = await bridge.call(create_wallet, user_id=person.user_id, now=now())
    # So that its address is known when the books are not.
    await bridge.call(reading.read_wallet, user_id=person.user_id, telegram_id=person.telegram_id)
    return wallet, is_new


async def show_wallet(_: object, person: Person, reply: Reply) -> None:
    try:
        wallet = await bridge.call(
            reading.read_wallet, user_id=person.user_id, telegram_id=person.telegram_id
        )
    except Unavailable as error:
        if error.code != "database.down":
            raise
        wallet = await bridge.call_outside(
            read_live_wallet, telegram_id=person.telegram_id, now=now()
        )
    if wallet is None:
        raise NotFound("wallet.none")
    await send_wallet(person, wallet, reply)
    if not wallet.live:
        await bridge.call(expect_incoming, wallet_id=wallet.id)


async def send_wallet(
    person: Person, wallet: WalletFacts, reply: Reply, *, title: str = ""
) -> None:
    """The address to tap and to scan, as one picture with its text."""
    text = cards.wallet_card(
        address=wallet.address,
        status=f"{wallet.status}, live from the chain" if wallet.live else wallet.status,
        deployment=person.deployment,
        quote_symbol=reading.quote_symbol(person.deployment),
    )
    await reply.send_photo(
        qr_code(wallet.address),
        f"{title}\n{text}".strip(),
        keyboards.funds(settings.ENVIRONMENT.faucet_url),
    )


async def balance(_: object, person: Person, reply: Reply) -> None:
    await show_balance(person, reply, fresh=False)


async def sync(_: object, person: Person, reply: Reply) -> None:
    """Ask chain and venues again: the wallet at once, venue accounts within seconds."""
    count = await bridge.call(look_again, user_id=person.user_id, now=now())
    if count:
        await reply.send(SYNCING)
    await show_balance(person, reply, fresh=True)


async def show_balance(person: Person, reply: Reply, *, fresh: bool) -> None:
    """From the books with their age; from the chain, marked live, where they do not answer."""
    holdings = await read_holdings(person, fresh=fresh)
    text = screens.balance_screen(
        holdings, now=now(), time_zone=person.time_zone, hidden=person.hides_amounts
    )
    returnable = [each for each in holdings.incoming if each.may_return][:3]
    buttons = keyboards.rows(
        [("🔄 Refresh", "hub:balance!"), ("💰 Deposit", "hub:deposit")],
        *([(f"↩️ Send back {each.token_symbol}", return_data(each))] for each in returnable),
    )
    await reply.edit(text, buttons if holdings.wallet else None)


async def health(_: object, person: Person, reply: Reply) -> None:
    await show_health(person, reply)


async def show_health(person: Person, reply: Reply) -> None:
    holdings = await read_holdings(person)
    await reply.edit(screens.health_screen(holdings, now=now(), hidden=person.hides_amounts))


async def read_holdings(person: Person, *, fresh: bool = False) -> Holdings:
    """Raises Unavailable if neither the books nor the chain answer."""
    try:
        return await bridge.call(
            reading.read_holdings,
            user_id=person.user_id,
            telegram_id=person.telegram_id,
            now=now(),
            fresh=fresh,
        )
    except Unavailable as error:
        if error.code != "database.down":
            raise
    return await bridge.call_outside(
        reading.read_live_holdings, telegram_id=person.telegram_id, now=now()
    )
