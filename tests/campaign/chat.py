"""Two bots that poll as one, a person who writes to them, and what befalls chats."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from accounts.services import change_setting
from alerts.models import OutboxMessage
from core.roles import as_sync
from laminator.demo.chat import TelegramUser, buttons_of, text_of
from laminator.local.child import kill_group, start_child
from laminator.local.processes import BOT
from tests.campaign.faults import FAULTS
from trading.services import list_orders, set_paper_mode

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0
NO_FAULT = FAULTS[0]
# What Telegram does meanwhile: its name and the sandbox's faults that make it.
TELEGRAM_FAULTS: tuple[tuple[str, dict[str, dict[str, Any]]], ...] = (
    ("updates twice and thrice", {}),
    ("Telegram slow", {"telegram.slow": {"seconds": 1}}),
    ("Telegram's answers lost", {"telegram.lose_answer": {"percent": 40}}),
    ("Telegram says 429", {"telegram.flood": {"percent": 40, "retry_after": 1}}),
    ("Telegram says 502", {"telegram.error": {"percent": 40}}),
    ("Telegram's HTML page", {"telegram.garbage": {"percent": 40}}),
)


class Bots:
    """Two processes of the bot: Telegram serves one of them, the other takes over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def ensure(self) -> None:
        """Start what does not run; once one of them is up, updates are taken."""
        for name in ("bot", "bot#2"):
            if name not in self._running:
                self._running[name] = self._start(name)
                if name == "bot":
                    self._wait(name)

    def kill(self, name: str) -> None:
        child = self._running.pop(name)
        kill_group(child.pid)
        child.wait()

    def stop(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        told = {key: value for key, value in os.environ.items() if key not in BOT.withheld}
        with (self._folder / f"{name}.out").open("wb") as log:
            return start_child(
                BOT.command_line({"python": sys.executable}),
                output=log,
                environment=told,
                folder=ROOT,
                death_signal=signal.SIGKILL,
            )

    def _wait(self, name: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while "the bot is up" not in (self._folder / f"{name}.out").read_text(errors="replace"):
            assert time.monotonic() < deadline, "the bot did not start"
            assert self._running[name].poll() is None, "the bot ended"
            time.sleep(0.1)


def trade_by_chat(player: Any) -> str:
    """One order by the chat alone: updates that come again, two bots of which one is killed."""
    step, person, me = player.run.steps[-1], player.trader.chat, player.trader.user_id
    chance, bots = player.chance, player.house.bots()
    step.fault, of_sandbox = chance.choice(TELEGRAM_FAULTS)
    side, times = chance.choice(["long", "short"]), chance.choice([1, 2, 3])
    bots.ensure()
    set_paper_mode(user_id=me, is_on=False, now=timezone.now())
    change_setting(user_id=me, key="trading", changes={"deployment": player.run.deployment})
    person.say("/start")
    wait_until(lambda: last_id(person) and told_all(me), seconds=60, why="the chat is quiet")
    known, before = _orders(me), last_id(person)
    person.say(f"/{side} sol 0.2", times=times)
    card = person.wait_for(lambda shown: shown["message_id"] > before, seconds=60)
    if "Confirm" not in " ".join(buttons_of(card)):
        return "refused in the chat"
    for name, parameters in of_sandbox.items():
        player.sandbox.set_fault(name, **parameters)
    person.press(card, "Confirm", times=times)
    if chance.random() < 0.4:
        time.sleep(chance.random() * 0.5)
        bots.kill("bot")
        step.row = "update received, not handled"
    time.sleep(0.5)
    player.sandbox.clear_faults()
    bots.ensure()
    [order_id] = wait_until(
        lambda: _orders(me) - known, seconds=120, why="the tap has placed an order"
    )
    outcome: str = player.until(player.acts.order_ended(order_id), NO_FAULT)
    wait_until(lambda: told_all(me), seconds=60, why="the person was told")
    assert len(_orders(me) - known) == 1, "one tap gave two orders"
    told = answers_about(person, after=before, words="Size: 0.20 SOL")
    assert len(told) == 1, f"one order has {len(told)} cards: {told}"
    return outcome


def _orders(user_id: Any) -> set[Any]:
    return {order.id for order in list_orders(user_id=user_id, limit=200)}


def last_id(person: TelegramUser) -> int:
    """Of the messages of the chat."""
    return max((each["message_id"] for each in person.messages()), default=0)


def answers_about(person: TelegramUser, *, after: int, words: str) -> list[str]:
    """What the bot wrote since, one text a message."""
    return [
        text_of(each)
        for each in person.messages()
        if each["by_bot"] and each["message_id"] > after and words in text_of(each)
    ]


def told_all(user_id: Any) -> bool:
    """Whether nothing that concerns them waits to be shown."""
    try:
        with as_sync():
            # Some are due at a deadline only.
            waiting = OutboxMessage.objects.filter(
                user_id=user_id, state="waiting", created_at__lte=timezone.now()
            )
            # A killed sender's lease has run out; how long one holds is another test's.
            waiting.exclude(holder=None).filter(leased_until__gt=timezone.now()).update(
                leased_until=timezone.now()
            )
            return not waiting.exists()
    except DatabaseError:
        return False


def wait_until(done: Callable[[], Any], *, seconds: float, why: str) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := done():
            return found
        time.sleep(0.1)
    raise AssertionError(f"within {seconds} s did not come true: {why}")
