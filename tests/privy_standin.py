"""The Privy stand-in alone, served from a thread of the test's own process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web

from sandbox.privy.app import create_app
from sandbox.state import SandboxState


@dataclass(frozen=True, slots=True)
class PrivyStandin:
    """A running stand-in: where it listens, and its faults, calls and clock."""

    url: str
    state: SandboxState


@contextmanager
def serve_privy(state: SandboxState | None = None) -> Iterator[PrivyStandin]:
    """Serve on a free loopback port until the block ends."""
    state = state or SandboxState()
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(create_app(state), access_log=None, shutdown_timeout=1)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return int(runner.addresses[0][1])

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield PrivyStandin(f"http://127.0.0.1:{port}", state)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
