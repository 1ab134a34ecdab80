"""The bot itself, polling a sandbox's Telegram from a thread, and people who write to it."""

import asyncio
import threading
import time

import pytest

from bot import app
from core.roles import as_sync
from tests.telegram_user import TelegramUser
from wallets.chain_balances import read_chain_balances
from wallets.models import Wallet


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
def start_bot(desk):
    """Start a bot, in this test also after another; all are stopped at its end."""
    started = []

    def start():
        started.append(RunningBot().start())
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def bot(start_bot):
    """The running bot."""
    return start_bot()


@pytest.fixture
def join(desk):
    """People with a private chat of their own, by first name."""
    people = []

    def enter(first_name="Carol"):
        people.append(TelegramUser(desk.telegram_url, first_name=first_name))
        return people[-1]

    yield enter
    for person in people:
        person.close()


@pytest.fixture
def carol(bot, join):
    """A person in a private chat with the running bot."""
    return join("Carol")


@pytest.fixture
def dave(bot, join):
    """Another person."""
    return join("Dave")


def fund(desk, person):
    """Make a wallet for a person, with 2 SOL and 1,000 quote tokens that the node confirms."""
    person.say("/create")
    person.wait_for("Your wallet is made")
    with as_sync():
        address = Wallet.objects.get(user__telegram_id=person.id).wallet_address
    desk.faucet(address, lamports=2 * 10**9, quote_units=1000 * 10**6)
    eventually(lambda: read_chain_balances([address])[address].amounts["USDT"] >= 1000)
    return address


def eventually(check, *, seconds=30.0):
    """Wait until `check` gives something true, and return that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{check} did not come true within {seconds} s")
