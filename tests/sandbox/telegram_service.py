"""The Telegram stand-in served on loopback inside one test's event loop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from sandbox.state import SandboxOptions, SandboxState
from sandbox.telegram.app import create_app
from sandbox.telegram.world import DEFAULT_TOKEN, FIRST_USER_ID, World
from sandbox.telegram.world_key import WORLD

ALICE = FIRST_USER_ID
BOB = FIRST_USER_ID + 1


@dataclass
class Telegram:
    url: str
    state: SandboxState
    world: World
    http: aiohttp.ClientSession
    bots: list[Bot] = field(default_factory=list)

    def bot(self, token: str = DEFAULT_TOKEN) -> Bot:
        server = TelegramAPIServer.from_base(self.url)
        self.bots.append(Bot(token, session=AiohttpSession(api=server)))
        return self.bots[-1]

    async def api(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A Bot API call by hand, JSON in and out."""
        url = f"{self.url}/bot{DEFAULT_TOKEN}/{method}"
        async with self.http.post(url, json=parameters) as response:
            body = await response.json()
            assert body["ok"] == (response.status == 200)
            assert body["ok"] or body["error_code"] == response.status
            return body

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        async with self.http.post(f"{self.url}/control/{path}", json=body) as response:
            return {"status": response.status, **await response.json()}

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        async with self.http.get(f"{self.url}/control/{path}", params=query) as response:
            return {"status": response.status, **await response.json()}

    async def start(self, user_id: int = ALICE) -> None:
        """Let the bot know the user, without leaving an update behind."""
        await self.post(f"users/{user_id}/say", text="/start")
        self.world.updates.drop_pending()

    async def refusal(self, method: str, **parameters: Any) -> str:
        body = await self.api(method, **parameters)
        assert not body["ok"], body
        return str(body["description"])


@asynccontextmanager
async def telegram_running(state: SandboxState | None = None) -> AsyncIterator[Telegram]:
    state = state or SandboxState(SandboxOptions())
    app = create_app(state)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as http:
        service = Telegram(f"http://{host}:{port}", state, app[WORLD], http)
        try:
            yield service
        finally:
            await asyncio.gather(*(bot.session.close() for bot in service.bots))
            await runner.cleanup()


def in_telegram(test: Callable[[Telegram], Awaitable[None]]) -> Callable[[], None]:
    """Make an async test of a running stand-in one that pytest calls."""

    async def scenario() -> None:
        async with telegram_running() as telegram:
            await test(telegram)

    def called_by_pytest() -> None:
        asyncio.run(scenario())

    called_by_pytest.__name__ = test.__name__
    called_by_pytest.__doc__ = test.__doc__
    return called_by_pytest
