"""The sandbox's process: all stand-ins on one event loop, from start to clean end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import sys
from collections.abc import Callable

from aiohttp import web
from solders.pubkey import Pubkey

from sandbox import storage
from sandbox.control import Control
from sandbox.live_prices import LivePrices
from sandbox.perps import create_exchange
from sandbox.privy.app import create_app as create_privy
from sandbox.script import ScriptPlayer
from sandbox.solana.chain import Chain
from sandbox.solana.rpc.server import RpcServer
from sandbox.state import SandboxOptions, SandboxState
from sandbox.telegram.app import create_app as create_telegram

SAVE_AFTER_CHANGE_SECONDS = 1.0
SAVE_ANYWAY_SECONDS = 10.0
STOP_SECONDS = 2.0
READY = "SANDBOX ready"
GENESIS_AGE_SLOTS = 40

log = logging.getLogger("sandbox")


class PortTaken(Exception):
    """A port that the sandbox needs is in use."""


class Sandbox:
    """All services over one state."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.state = SandboxState(options)
        self.chain = Chain(self.state)
        self._runners: list[web.AppRunner] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._build()

    def _build(self) -> None:
        saved = None
        if self.options.state_directory is not None:
            saved = storage.load_state(self.options.state_directory)
        if saved is not None:
            self.state.restore(saved)
        for program_id, file in self.options.program_files.items():
            self.chain.add_program_file(Pubkey.from_string(program_id), file)
        exchange = create_exchange(self.state)
        self.chain.install(exchange)
        self.state.register("solana", self.chain)
        if saved is None:
            exchange.genesis(self.chain)
            # A chain that people meet is older than its finality: all of genesis is final.
            self.chain.advance(GENESIS_AGE_SLOTS)
        self.rpc = RpcServer(self.chain)
        self.player = ScriptPlayer(self.chain)
        self.chain.play_script = self.player.play
        self.control = Control(self.chain, self.player, self.save)
        if self.options.prices_file is not None:
            self.player.play(self.options.prices_file.read_text(), True)

    async def start(self) -> None:
        """Listen on all ports and let time run; raises PortTaken."""
        port = self.options.port
        try:
            await self._listen(self.control.app(), port)
            # Clients look for websockets on the port itself or on the next one.
            await self._listen(self.rpc.app(), port + 1, port + 2)
            await self._listen(create_privy(self.state), port + 3)
            await self._listen(create_telegram(self.state), port + 4)
        except PortTaken:
            await self._stop_listening()
            raise
        if self.options.slot_ms > 0:
            self._tasks.append(asyncio.create_task(self._let_slots_pass()))
        if self.options.state_directory is not None:
            self._tasks.append(asyncio.create_task(self._keep_saving()))
        if self.options.live_prices is not None and self.chain.exchange is not None:
            live = LivePrices(
                self.options.live_prices,
                take=self.chain.exchange.follow,
                unix_now=self.state.clock.unix,
            )
            self._tasks.append(asyncio.create_task(live.follow()))

    async def _listen(self, app: web.Application, *ports: int) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        self._runners.append(runner)
        for port in ports:
            try:
                await web.TCPSite(runner, self.options.bind, port).start()
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                raise PortTaken(
                    f"port {port} is taken by another process. Stop that process, or choose other "
                    "ports: --port (or SANDBOX_PORT) names the first of five, now "
                    f"{self.options.port}."
                ) from error

    async def stop(self) -> None:
        """Stop, and save what there is to save."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stop_listening()
        self.save()

    async def _stop_listening(self) -> None:
        for runner in self._runners:
            await runner.cleanup()

    def save(self) -> None:
        """Save the state now, if there is a place for it."""
        if self.options.state_directory is not None:
            storage.save_state(self.options.state_directory, self.state.snapshot())

    async def _let_slots_pass(self) -> None:
        loop = asyncio.get_running_loop()
        slot_seconds = self.options.slot_ms / 1000
        due = loop.time() + slot_seconds
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            if self.state.faults.peek("solana.standstill") is None:
                self._guarded(self.chain.advance, "a slot")
            # A machine that cannot keep up gets slower slots, never a burst of them.
            due = max(due + slot_seconds, loop.time())

    async def _keep_saving(self) -> None:
        seen, waited = self._activity(), 0.0
        while True:
            await asyncio.sleep(SAVE_AFTER_CHANGE_SECONDS)
            waited += SAVE_AFTER_CHANGE_SECONDS
            now = self._activity()
            if now != seen or waited >= SAVE_ANYWAY_SECONDS:
                self._guarded(self.save, "saving the state")
                seen, waited = now, 0.0

    def _activity(self) -> tuple[int, int]:
        return len(self.chain.ledger), self.state.calls.count

    def _guarded(self, act: Callable[[], None], what: str) -> None:
        # The process loop: one bad slot must not end every service.
        try:
            act()
        except Exception:
            log.exception("%s failed", what)


async def serve(options: SandboxOptions, *, until_stdin_closes: bool = False) -> None:
    """Run until a signal, or until standard input closes; raises PortTaken."""
    sandbox = Sandbox(options)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await sandbox.start()
    watching = None
    if until_stdin_closes:
        watching = asyncio.create_task(_watch_stdin(stopping))
    sys.stdout.write(
        f"{READY}: {options.control_url} (control, explorer), {options.rpc_url} (Solana), "
        f"{options.privy_url} (Privy), {options.telegram_url} (Telegram, chat page)\n"
    )
    sys.stdout.flush()
    await stopping.wait()
    if watching is not None:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    await sandbox.stop()


async def _watch_stdin(stopping: asyncio.Event) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while await reader.read(1024):
            pass
        stopping.set()
    finally:
        transport.close()
