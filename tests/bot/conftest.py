"""The bot itself, polling a sandbox's Telegram from a thread, and people who write to it."""

import asyncio
import threading
import time

import pytest

from bot import app
from tests.telegram_user import TelegramUser


class RunningBot:
    """The whole bot in a thread with an event loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="bot", daemon=True)
        self.failure = None

    def start(self) -> "RunningBot":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop cleanly, as on SIGTERM; a second time changes nothing."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=30)
        assert not self._thread.is_alive(), "the bot does not stop"
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(app.run(self._stop))
        except BaseException as failure:  # noqa: BLE001 - raised again by stop()
            self.failure = failure
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()


@pytest.fixture
def bot(desk):
    """The running bot."""
    running = RunningBot().start()
    yield running
    running.stop()


@pytest.fixture
def carol(bot, desk):
    """A person in a private chat with the running bot."""
    user = TelegramUser(desk.telegram_url, first_name="Carol")
    yield user
    user.close()


@pytest.fixture
def dave(bot, desk):
    """Another person."""
    user = TelegramUser(desk.telegram_url, first_name="Dave")
    yield user
    user.close()


def eventually(check, *, seconds=10.0):
    """Wait until `check` gives something true, and return that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{check} did not come true within {seconds} s")
