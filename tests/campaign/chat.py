"""Two bots that poll as one, a person who writes to them, and what befalls chats."""

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
from laminator.local.child import is_alive
from tests.campaign.faults import FAULTS, NOTIFYING, TAPPED
from tests.zygote import Zygote
from trading.services import list_orders, set_paper_mode

START_SECONDS = 90.0
NO_FAULT = FAULTS[0]
QUOTED, WELCOME = "Valid 20 s.", "Welcome"
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

    def __init__(self, zygote: Zygote, folder: Path) -> None:
        self._zygote, self._folder = zygote, folder
        self._running: dict[str, tuple[int, Path]] = {}
        self._started = 0

    def ensure(self, **blow: Any) -> None:
        """Start what does not run; once one of them is up, updates are taken.

        With a `blow` it is one bot alone, which dies there.
        """
        for name in list(self._running):
            if not self.is_alive(name):
                self.kill(name)
        for name in ("bot",) if blow else ("bot", "bot#2"):
            if name not in self._running:
                self._start(name, blow)
                if name == "bot" and not blow:
                    self._wait(name)

    def kill(self, name: str) -> None:
        if name in self._running:
            self._zygote.end_bot(self._running.pop(name)[0])

    def is_alive(self, name: str) -> bool:
        return name in self._running and is_alive(self._running[name][0])

    def stop(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def errors(self) -> list[str]:
        """What they said of what went wrong, the last of it."""
        said = [
            line
            for path in sorted(
                self._folder.glob("bot-*.out"), key=lambda path: path.stat().st_mtime
            )
            for line in path.read_text(errors="replace").splitlines()
            if '"level":"error"' in line
        ]
        return [line[-1500:] for line in said[-2:]]

    def _start(self, name: str, blow: dict[str, Any]) -> None:
        self._started += 1
        log = self._folder / f"bot-{self._started}.out"
        self._running[name] = (self._zygote.start_bot(log, **blow), log)

    def _wait(self, name: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        _, log = self._running[name]
        while not log.exists() or "the bot is up" not in log.read_text(errors="replace"):
            assert time.monotonic() < deadline, "the bot did not start"
            assert self.is_alive(name), f"the bot ended: {log.read_text()[-2000:]}"
            time.sleep(0.05)


def trade_by_chat(player: Any) -> str:
    """One order by the chat alone: updates that come again, two bots of which one is killed."""
    try:
        return _trade(player)
    except AssertionError as wrong:
        raise AssertionError(f"{wrong}; the bots said {player.house.bots().errors()}") from wrong
    finally:
        # Nobody writes to them for a while, and they would ask for news all the time.
        player.house.bots().stop()


def _trade(player: Any) -> str:
    step, person, me = player.run.steps[-1], player.trader.chat, player.trader.user_id
    chance, bots = player.chance, player.house.bots()
    step.fault, of_sandbox = chance.choice(TELEGRAM_FAULTS)
    side, times = chance.choice(["long", "short"]), chance.choice([1, 2, 3])
    row = chance.choice(["", "", TAPPED, TAPPED, *NOTIFYING])
    # What earlier bots held when they were killed.
    free_leases(me)
    bots.ensure()
    set_paper_mode(user_id=me, is_on=False, now=timezone.now())
    change_setting(user_id=me, key="trading", changes={"deployment": player.run.deployment})
    person.say("/start")
    person.wait_for(WELCOME, seconds=60)
    wait_until(lambda: told_all(me), seconds=60, why="the chat is quiet")
    known, before = _orders(me), last_id(person)
    person.say(f"/{side} sol 0.2", times=times)
    card = person.wait_for(
        lambda shown: shown["message_id"] > before and WELCOME not in text_of(shown), seconds=60
    )
    if "Confirm" not in " ".join(buttons_of(card)):
        return "refused in the chat"
    for name, parameters in of_sandbox.items():
        player.sandbox.set_fault(name, **parameters)
    person.press(card, "Confirm", times=times)
    if row == TAPPED:
        time.sleep(chance.random() * 0.5)
        bots.kill("bot")
        free_leases(me)
        step.row = row
    time.sleep(0.5)
    player.sandbox.clear_faults()
    bots.ensure()
    wait_until(
        lambda: _orders(me) - known or _expired(person, card),
        seconds=120,
        why=f"the tap is answered on the card {card['message_id']}",
        chat=person,
    )
    placed = _orders(me) - known
    if not placed:
        # The bot was back only when the quote was past its time; then nothing moves any more.
        wait_until(lambda: told_all(me), seconds=60, why="the person was told")
        assert not _orders(me) - known, "said to have moved nothing, and placed"
        return "expired in the chat"
    [order_id] = placed
    if row in NOTIFYING:
        bots.stop()
        player.book_and_die(step)
    outcome: str = player.until(player.acts.order_ended(order_id), NO_FAULT)
    if row in NOTIFYING:
        step.row = row
        free_leases(me)
        bots.ensure(before=NOTIFYING[row])
        wait_until(lambda: not bots.is_alive("bot"), seconds=60, why="the bot dies of the card")
        free_leases(me)
        bots.ensure()
    wait_until(lambda: told_all(me), seconds=60, why="the person was told", chat=person)
    assert len(_orders(me) - known) == 1, "one tap gave two orders"
    # A command whose bot died, or that two bots were given, may be answered by a quote again.
    told = [
        each
        for each in answers_about(person, after=before, words="Size: 0.20 SOL")
        if QUOTED not in each
    ]
    assert len(told) == 1, f"one order has {len(told)} cards: {told}"
    assert outcome != "filled" or "Filled" in told[0], f"a filled order shows as {told[0]}"
    return outcome


def _expired(person: TelegramUser, card: dict[str, Any]) -> bool:
    """Whether its card says so."""
    return any(
        "card has expired" in text_of(each) and "Nothing was moved" in text_of(each)
        for each in person.messages()
        if each["message_id"] == card["message_id"]
    )


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
            return not _waiting(user_id).exists()
    except DatabaseError:
        return False


def free_leases(user_id: Any) -> None:
    """A killed sender's lease has run out; how long one holds is another test's."""
    now = timezone.now()
    with as_sync():
        held = _waiting(user_id).exclude(holder=None).filter(leased_until__gt=now)
        held.update(leased_until=now)


def _waiting(user_id: Any) -> Any:
    # Some are due at a deadline only.
    return OutboxMessage.objects.filter(
        user_id=user_id, state="waiting", created_at__lte=timezone.now()
    )


def wait_until(
    done: Callable[[], Any], *, seconds: float, why: str, chat: TelegramUser | None = None
) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := done():
            return found
        time.sleep(0.1)
    shown = [text_of(each) for each in chat.messages()[-4:]] if chat else ""
    raise AssertionError(f"within {seconds} s did not come true: {why}; {shown}")
