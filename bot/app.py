"""The bot as a whole: its parts put together, its start, its clean end."""

import asyncio
import signal
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError
from aiogram.types import BotCommand, Update
from aiogram.utils.token import extract_bot_id
from django.conf import settings
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.acts import Acts
from bot.arrivals import Arrivals
from bot.budget import Budget
from bot.cards import Cards
from bot.handlers import make_routers
from bot.intake import ALLOWED, Intake
from bot.news import News
from bot.outbox import OutboxSender
from bot.pending import PendingActs
from bot.people import People
from bot.polling import Poller
from bot.reception import Reception, give_up
from bot.sending import OutgoingLimits, UnreadableAnswers
from bot.sole_receiver import receive_alone
from bot.storage import FlowStorage
from bot.texts.common import COMMANDS
from bot.updates import RawUpdate
from bot.webhook import WebhookServer
from core import bridge, heartbeat
from core.logs import get_logger

log = get_logger("desk.bot")
EX_CONFIG = 78
_BEAT_SECONDS = 5.0
_LOOK_SECONDS = 0.5


class CannotStart(Exception):
    """The settings are wrong: starting again without a change is of no use."""


@dataclass(slots=True)
class BotParts:
    """Everything that runs in the bot's process."""

    bot: Bot
    redis: "Redis"
    dispatcher: Dispatcher
    intake: Intake
    receiver: Poller | WebhookServer
    outbox: OutboxSender
    arrivals: Arrivals


def make_bot(redis: "Redis") -> Bot:
    """Telegram's API at the configured address, speaking HTML, by the budget in `redis`."""
    environment = settings.ENVIRONMENT
    assert environment.telegram_bot_token is not None
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(environment.telegram_api_url), limit=100
    )
    token = environment.telegram_bot_token.get_secret_value()
    session.middleware(OutgoingLimits(Budget(redis, bot_id=extract_bot_id(token))))
    session.middleware(UnreadableAnswers())
    return Bot(
        token,
        session=session,
        default=DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True),
    )


def make_parts(bot: Bot | None = None) -> BotParts:
    """Put the parts together, around the bot of the settings if none is given; nothing runs yet."""
    redis = Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)
    bot = bot or make_bot(redis)
    storage, people, cards = FlowStorage(redis), People(), Cards(bot)
    pending = PendingActs(redis)
    arrivals = Arrivals(redis=redis, bot=bot)
    dispatcher = Dispatcher(
        storage=storage,
        people=people,
        cards=cards,
        pending=pending,
        acts=Acts(pending=pending, cards=cards),
        arrivals=arrivals,
    )
    dispatcher["storage"] = storage
    reception = Reception(people)
    dispatcher.update.outer_middleware(reception)
    dispatcher.include_routers(*make_routers())

    async def handle(raw: RawUpdate, is_flood: bool) -> None:
        try:
            update = Update.model_validate(raw, context={"bot": bot})
        except ValidationError:
            log.warning("an update is malformed", update_id=raw.get("update_id"))
            return
        try:
            await dispatcher.feed_update(bot, update, is_flood=is_flood)
        except Exception:  # the process loop of one update
            log.exception("an update failed", update_id=raw.get("update_id"))

    async def hand_back(raw: RawUpdate) -> None:
        await give_up(bot, raw)

    intake = Intake(handle=handle, admits=reception.admits, give_up=hand_back)
    receiver = _receiver(bot, intake)
    outbox = OutboxSender(cards, News(bot))
    return BotParts(bot, redis, dispatcher, intake, receiver, outbox, arrivals)


def _receiver(bot: Bot, intake: Intake) -> Poller | WebhookServer:
    """Pushes where an address for them is set, else polling; never both."""
    environment = settings.ENVIRONMENT
    if environment.telegram_webhook_url is None:
        return Poller(bot=bot, intake=intake)
    assert environment.telegram_webhook_secret is not None
    return WebhookServer(
        intake=intake,
        secret=environment.telegram_webhook_secret.get_secret_value(),
        port=environment.telegram_webhook_port,
        path=urlsplit(environment.telegram_webhook_url).path or "/",
    )


async def run(stop: asyncio.Event) -> None:
    """Run the bot until `stop`. Raises CannotStart for settings that Telegram refuses."""
    parts = make_parts()
    try:
        await _introduce(parts.bot, stop)
        beating = asyncio.create_task(_beat(parts, stop))
        side_work = [
            asyncio.create_task(parts.outbox.run(stop)),
            asyncio.create_task(parts.arrivals.run(stop)),
            beating,
        ]
        try:
            await receive_alone(parts.receiver, stop)
        finally:
            stop.set()
            await asyncio.gather(*side_work)
    finally:
        await parts.redis.aclose()
        await parts.bot.session.close()
        bridge.close()


def main() -> None:
    """The process: runs until SIGTERM or SIGINT; exit code 78 for settings that cannot be used."""
    settings.ENVIRONMENT.require("TELEGRAM_BOT_TOKEN", "REDIS_URL", "DATABASE_URL")
    try:
        asyncio.run(_run_until_told())
    except CannotStart as error:
        sys.stderr.write(f"laminator: the bot cannot start\n  {error}\n")
        raise SystemExit(EX_CONFIG) from None


async def _run_until_told() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)


async def _introduce(bot: Bot, stop: asyncio.Event) -> None:
    """Check the token, choose how updates come, set the menu."""
    pause = 1.0
    while not stop.is_set():
        try:
            me = await bot.get_me()
            await _choose_delivery(bot)
            await bot.set_my_commands(
                [BotCommand(command=name, description=text) for name, text in COMMANDS.items()]
            )
        except TelegramUnauthorizedError:
            raise CannotStart(
                "TELEGRAM_BOT_TOKEN: Telegram does not know this token (see @BotFather)"
            ) from None
        except TelegramAPIError as error:
            log.warning("Telegram is not reachable yet", again_in=pause, error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 15.0)
        else:
            log.info("the bot is up", username=me.username)
            return


async def _choose_delivery(bot: Bot) -> None:
    """Have Telegram push to the address that is set; without one, take down what is set there."""
    environment = settings.ENVIRONMENT
    if environment.telegram_webhook_url is None:
        await bot.delete_webhook(drop_pending_updates=False)
        return
    assert environment.telegram_webhook_secret is not None
    await bot.set_webhook(
        environment.telegram_webhook_url,
        secret_token=environment.telegram_webhook_secret.get_secret_value(),
        allowed_updates=ALLOWED,
        drop_pending_updates=False,
    )


async def _beat(parts: BotParts, stop: asyncio.Event) -> None:
    """Signs of life for /ready and the desk's home, as long as updates really come in."""
    started = time.monotonic()
    while not stop.is_set():
        is_receiving = parts.receiver.is_receiving
        try:
            if is_receiving:
                await bridge.call_outside(
                    heartbeat.beat,
                    "bot",
                    handled=parts.intake.handled_count,
                    delivered=parts.outbox.delivered_count,
                    up_seconds=int(time.monotonic() - started),
                )
        except RedisError:
            log.debug("no sign of life could be given")
        except Exception:  # the process loop
            log.exception("giving signs of life stumbled")
        try:
            # Not receiving yet, or not any more: look again soon.
            pause = _BEAT_SECONDS if is_receiving else _LOOK_SECONDS
            await asyncio.wait_for(stop.wait(), timeout=pause)
        except TimeoutError:
            continue
