"""What the bot does while a part of the desk is away, and that it goes on by itself."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from bot.intake import Intake
from bot.models import TelegramUpdate
from core import bridge
from core.roles import as_sync
from tests.bot.conftest import eventually, fund
from tests.proxy import Proxy
from tests.sandbox_server import ROOT
from tests.telegram_user import text_of
from trading.models import VenueTransfer


@pytest.fixture
def database_wire(desk):
    """The product reaches its database by a wire that can be cut."""
    connection = connections["default"]
    settings = connection.settings_dict
    kept = dict(settings)
    wire = Proxy(int(settings["PORT"]))
    wire.mend()
    connection.close()
    connection.close_pool()
    options = kept["OPTIONS"]
    settings |= {
        "HOST": "127.0.0.1",
        "PORT": wire.port,
        "OPTIONS": options | {"pool": options["pool"] | {"timeout": 0.5}},
    }
    yield wire
    bridge.close()
    connection.close()
    connection.close_pool()
    wire.cut()
    settings |= kept


@pytest.fixture
def redis_wire(desk, settings):
    url = urlsplit(settings.REDIS_URL)
    wire = Proxy(url.port)
    wire.mend()
    settings.REDIS_URL = settings.REDIS_URL.replace(f":{url.port}", f":{wire.port}")
    from core import redis

    redis.redis.cache_clear()
    yield wire
    wire.cut()
    redis.redis.cache_clear()


def a_person(join):
    person = join("Carol")
    person.say("/create")
    person.wait_for("Your wallet is made")
    return person


def test_without_the_database_reading_goes_on_live_and_money_is_refused(
    database_wire, desk, start_bot, join
):
    bot = start_bot()
    carol = join("Carol")
    address = fund(desk, carol)
    carol.say("/deposit 100")
    card = carol.wait_for("Valid 120 s")

    database_wire.cut()
    carol.say("/balance")
    shown = carol.wait_for("live, straight from the chain")
    assert "2.000000 SOL" in text_of(shown)
    carol.say("/wallet")
    assert address in text_of(carol.wait_for("live from the chain"))
    carol.say("/myposition")
    carol.wait_for("None are open")
    carol.press(card, "Confirm")
    refused = carol.wait_for("books cannot be reached")
    assert "Nothing was moved." in text_of(refused)
    carol.say("/long sol 1")
    carol.wait_for("books cannot be reached")

    database_wire.mend()
    connections["default"].close()
    carol.say("/orders")
    eventually(lambda: _answers(carol, "/settings", "Slippage"))
    with as_sync():
        assert VenueTransfer.objects.count() == 0
    carol.press(card, "Confirm")
    carol.wait_for("Nothing has been sent yet")
    bot.stop()


def _answers(person, command, wanted):
    person.say(command)
    try:
        return person.wait_for(wanted, seconds=3)
    except AssertionError:
        return None


def test_a_stranger_without_the_database_is_told_so(database_wire, desk, start_bot, join):
    bot = start_bot()
    time.sleep(0.2)
    database_wire.cut()
    dave = join("Dave")
    for command in ("/start", "/balance", "/create", "/deposit 5"):
        dave.say(command)
        dave.wait_for("books cannot be reached")
    bot.stop()


def test_what_came_without_the_database_is_handled_once_and_marked_by_its_repeat(database_wire):
    """Else its row would wait, and the next start would handle it again."""
    handled = []

    async def handle(update, _):
        handled.append(update["update_id"])

    async def play():
        intake = Intake(handle=handle, admits=lambda _: True, give_up=handle)
        await intake.start()
        database_wire.cut()
        update = {"update_id": 4711, "message": {"text": "hello"}}
        await intake.take([update])
        while not handled:
            await asyncio.sleep(0.01)
        # Marked in vain: there is no row yet. Another batch is the first after the outage.
        database_wire.mend()
        while not await asyncio.to_thread(_state_of, 4712):
            await intake.take([{"update_id": 4712, "message": {}}])
        while await asyncio.to_thread(_state_of, 4712) != "handled":
            await asyncio.sleep(0.01)
        await intake.take([update])
        while await asyncio.to_thread(_state_of, 4711) != "handled":
            await asyncio.sleep(0.01)
        await intake.finish()

    asyncio.run(asyncio.wait_for(play(), timeout=120))
    assert handled.count(4711) == 1


def test_a_mark_that_a_crash_of_the_server_forgot_is_made_again(database_wire):
    async def handle(_, __):
        pass

    async def play():
        intake = Intake(handle=handle, admits=lambda _: True, give_up=handle)
        await intake.start()
        await intake.take([{"update_id": 4713, "message": {}}])
        while await asyncio.to_thread(_state_of, 4713) != "handled":
            await asyncio.sleep(0.01)
        database_wire.cut()
        await intake.take([{"update_id": 4714, "message": {}}])
        database_wire.mend()
        while not await asyncio.to_thread(_forget_mark, 4713):
            await asyncio.sleep(0.1)
        while not await asyncio.to_thread(_state_of, 4715):
            await intake.take([{"update_id": 4715, "message": {}}])
        while await asyncio.to_thread(_state_of, 4713) != "handled":
            await asyncio.sleep(0.01)
        await intake.finish()

    asyncio.run(asyncio.wait_for(play(), timeout=120))


def _forget_mark(update_id):
    return _of_row(update_id, lambda row: row.update(state="received"))


def _state_of(update_id):
    return _of_row(update_id, lambda row: row.values_list("state", flat=True).first())


def _of_row(update_id, act):
    """What `act` makes of it; None while the database does not answer."""
    try:
        with as_sync():
            return act(TelegramUpdate.objects.filter(pk=update_id))
    except OperationalError:
        return None
    finally:
        connections["default"].close()


def test_without_redis_commands_answer_and_flows_say_why_not(redis_wire, desk, start_bot, join):
    bot = start_bot()
    carol = a_person(join)
    carol.say("/long sol")
    carol.wait_for("How much?")
    redis_wire.cut()
    carol.say("/help")
    carol.wait_for("What I can do")
    carol.say("0.5")
    carol.wait_for("short-term memory cannot be reached")
    carol.say("/settings")
    carol.wait_for("Slippage")
    carol.say("/long sol")
    carol.wait_for("short-term memory cannot be reached")
    redis_wire.mend()
    carol.say("0.5")
    # The flow is where it was: the answer is read as a size again.
    assert "short-term" not in text_of(carol.wait_for("⛔"))
    bot.stop()


def test_updates_that_a_crash_left_are_handled_by_the_next_process_once(desk, start_bot, join):
    carol = join("Carol")
    carol.say("/abort")
    body = {
        "message_id": 5_000_000,
        "date": 1_700_000_000,
        "chat": {"id": carol.id, "type": "private", "first_name": "Carol"},
        "from": {"id": carol.id, "is_bot": False, "first_name": "Carol"},
        "text": "/start",
    }
    with as_sync():
        for number, attempts in ((1, 1), (2, 9)):
            update_id = 900_000_000 + number
            TelegramUpdate.objects.create(
                update_id=update_id,
                telegram_id=carol.id,
                body={"update_id": update_id, "message": body},
                attempts=attempts,
            )
    bot = start_bot()
    carol.wait_for("Welcome, Carol", seconds=90)
    carol.wait_for("Something went wrong on our side")

    def all_handled():
        with as_sync():
            return set(TelegramUpdate.objects.values_list("state", flat=True)) == {"handled"}

    eventually(all_handled)
    bot.stop()
    shown = [text_of(each) for each in carol.messages()]
    assert sum("Welcome" in text for text in shown) == 1


def test_an_update_that_comes_twice_is_answered_once(carol, desk):
    desk.set_fault("telegram.duplicate_update", count=1)
    carol.say("/help", times=2)
    carol.wait_for("What I can do")
    carol.say("/abort")
    carol.wait_for("nothing to leave")
    told = [text_of(each) for each in carol.messages()]
    assert sum("What I can do" in text for text in told) == 1


def test_a_second_poller_is_named_and_waited_out(carol, desk, caplog):
    # Only a poller that waits is disturbed by another one.
    carol.say("/help")
    carol.wait_for("What I can do")
    token = os.environ["TELEGRAM_BOT_TOKEN"]
    with httpx.Client(base_url=desk.telegram_url, timeout=30) as other:
        other.get(f"/bot{token}/getUpdates", params={"timeout": 0, "limit": 1})
        other.get(f"/bot{token}/getUpdates", params={"timeout": 1, "limit": 1, "offset": 1})
    assert eventually(lambda: "another process polls" in caplog.text, seconds=120)
    carol.say("/help")
    carol.wait_for("What I can do")


def test_a_telegram_that_stumbles_loses_nothing(carol, desk):
    desk.set_fault("telegram.garbage", count=2, method="getUpdates")
    carol.say("/help")
    carol.wait_for("What I can do")


def test_signs_of_life_are_given_only_while_updates_come_in(desk, start_bot):
    from core import heartbeat

    desk.set_fault("telegram.garbage", method="getUpdates")
    start_bot()
    eventually(lambda: len(desk.calls(service="telegram", method="getUpdates")) >= 2)
    assert heartbeat.read("bot") is None
    desk.clear_faults()
    assert eventually(lambda: heartbeat.read("bot"))


def _run_bot(**changes):
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_bot"],
        cwd=ROOT,
        env=os.environ | changes,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_process_answers_beats_and_stops_on_sigterm(desk, join):
    from core import heartbeat

    process = _run_bot()
    carol = join("Carol")
    carol.say("/start")
    carol.wait_for("Welcome, Carol", seconds=90)
    assert eventually(lambda: heartbeat.read("bot")).age(now=timezone.now()).seconds < 10
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert '"level":"error"' not in errors


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"TELEGRAM_BOT_TOKEN": "999999:" + "A" * 35}, "TELEGRAM_BOT_TOKEN"),
        ({"TELEGRAM_BOT_TOKEN": ""}, "TELEGRAM_BOT_TOKEN is missing"),
        ({"TELEGRAM_BOT_TOKEN": "nonsense"}, "TELEGRAM_BOT_TOKEN: must look like"),
    ],
)
def test_the_process_does_not_start_with_a_token_that_cannot_be(desk, changes, named):
    process = _run_bot(**changes)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 78
    assert named in errors
    assert "Traceback" not in errors
