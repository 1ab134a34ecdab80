"""Getting updates by being told: each is a row before Telegram hears that it came."""

import asyncio
import hmac

import redis
from aiogram.exceptions import TelegramAPIError
from aiohttp import web
from django.conf import settings

from bot.intake import Intake
from core.errors import DeskError
from core.logs import get_logger

log = get_logger("desk.bot.webhook")
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
# Far above any update that Telegram sends.
_LARGEST = 1024 * 1024


class WebhookServer:
    """Answers Telegram's pushes; one that cannot be kept is refused, and so comes again."""

    def __init__(self, *, intake: Intake, secret: str, port: int, path: str) -> None:
        self._intake = intake
        self._secret = secret
        self._port = port
        self._path = path
        self._is_listening = False

    @property
    def is_receiving(self) -> bool:
        """Whether pushes are listened for; that none comes says nothing."""
        return self._is_listening

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop`; then finish what is under way."""
        application = web.Application(client_max_size=_LARGEST)
        application.router.add_post(self._path, self._receive)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await self._intake.start()
            await web.TCPSite(runner, settings.ENVIRONMENT.laminator_host, self._port).start()
            self._is_listening = True
            log.info("listening for updates", port=self._port)
            await stop.wait()
        finally:
            self._is_listening = False
            await runner.cleanup()
            await self._intake.finish()

    async def _receive(self, request: web.Request) -> web.Response:
        given = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            log.warning("a push without the secret")
            return web.Response(status=401)
        try:
            update = await request.json()
        except ValueError:
            return web.Response(status=400)
        if not isinstance(update, dict):
            return web.Response(status=400)
        try:
            await self._intake.take([update])
        except (DeskError, redis.RedisError) as error:
            # Neither rows nor Redis: Telegram keeps it, and pushes it again.
            log.warning("an update cannot be kept", error=str(error)[:200])
            return web.Response(status=503)
        except TelegramAPIError as error:
            log.warning("an update stumbled", error=type(error).__name__)
        return web.Response()
