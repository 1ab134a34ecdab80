"""Waiting for money: a person who was shown an address is told when something has come."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from django.utils import timezone
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import keyboards, reading
from bot.cards import register_arrival
from bot.context import Person, Reply, venue_of
from bot.markup import bold
from bot.texts import figures
from core import bridge
from core.errors import DeskError
from core.logs import get_logger
from wallets.chain_balances import ChainBalances, read_chain_balances
from wallets.facts import WalletFacts
from wallets.services import list_incoming

log = get_logger("desk.bot")
_KEY = "bot:arrivals"
_WAIT = timedelta(hours=6)
_EVERY_SECONDS = 3.0
_AT_ONCE = 200


class Arrivals:
    """Looks at expected wallets by few batched reads; what is expected survives a restart."""

    def __init__(self, *, redis: "Redis", bot: Bot) -> None:
        self._redis = redis
        self._bot = bot

    async def expect(self, person: Person, wallet: WalletFacts, *, held: Decimal) -> None:
        """Tell this person when their wallet holds more of their venue's token than `held`."""
        until = timezone.now() + _WAIT
        body = {
            "address": wallet.address,
            "user": str(person.user_id),
            "since": timezone.now().isoformat(),
            "symbol": reading.quote_symbol(person.deployment),
            "held": str(held),
            "until": until.isoformat(),
        }
        try:
            await self._redis.hset(_KEY, str(person.telegram_id), json.dumps(body))
        except RedisError:
            # The button "I have sent it" looks by itself.
            log.warning("an arrival is not waited for")

    async def run(self, stop: asyncio.Event) -> None:
        """Look every few seconds until `stop`."""
        while not stop.is_set():
            try:
                await self.look(now=timezone.now())
            except (RedisError, DeskError) as error:
                log.debug("arrivals were not looked for", error=type(error).__name__)
            except Exception:  # the process loop
                log.exception("looking for arrivals failed")
            try:
                await asyncio.wait_for(stop.wait(), timeout=_EVERY_SECONDS)
            except TimeoutError:
                continue

    async def look(self, *, now: datetime) -> None:
        """One look at everything that is expected."""
        stored = await self._redis.hgetall(_KEY)
        if not stored:
            return
        expected = {int(key): json.loads(body) for key, body in list(stored.items())[:_AT_ONCE]}
        addresses = [each["address"] for each in expected.values()]
        seen = await bridge.call_outside(read_chain_balances, addresses)
        for telegram_id, each in expected.items():
            await self._weigh(telegram_id, each, seen[each["address"]], now)

    async def _weigh(
        self, telegram_id: int, expected: Mapping[str, Any], seen: ChainBalances, now: datetime
    ) -> None:
        # An earlier release did not write the symbol down.
        symbol = expected.get("symbol") or reading.quote_symbol(venue_of(None))
        amount = seen.amounts.get(symbol, Decimal(0))
        arrived = amount > Decimal(expected["held"])
        if not arrived and now < datetime.fromisoformat(expected["until"]):
            return
        # Forgotten first: told twice is worse here than told by the button alone.
        if not await self._redis.hdel(_KEY, str(telegram_id)) or not arrived:
            return
        if not await _has_its_card(expected, symbol):
            came = figures.token(amount - Decimal(expected["held"]), symbol)
            await self._tell(telegram_id, symbol, came)

    async def _tell(self, telegram_id: int, symbol: str, came: str) -> None:
        text = f"💰 {bold(came)} arrived in your wallet."
        buttons = keyboards.rows([("💰 Deposit it", "dc:check")])
        try:
            sent = await Reply(self._bot, telegram_id).send(text, buttons)
            await bridge.call(
                register_arrival, chat_id=telegram_id, symbol=symbol, message_id=sent.message_id
            )
        except (TelegramAPIError, DeskError) as error:
            log.info("an arrival could not be told", error=type(error).__name__)


async def _has_its_card(expected: Mapping[str, Any], symbol: str) -> bool:
    """Whether the books have it already, so that the card of what came tells of it."""
    try:
        return await bridge.call(_is_booked, expected=expected, symbol=symbol)
    except DeskError:
        return False


def _is_booked(*, expected: Mapping[str, Any], symbol: str) -> bool:
    # An earlier release wrote neither down.
    if "user" not in expected:
        return False
    found = list_incoming(
        user_id=uuid.UUID(expected["user"]), since=datetime.fromisoformat(expected["since"])
    )
    return any(each.token_symbol == symbol for each in found)
