"""PostgreSQL and Redis go away under a running desk and come back; no process is started again."""

import httpx
import pytest

from tests.journeys.house import eventually
from tests.telegram_user import text_of

pytestmark = pytest.mark.journey

_BOOKS_DOWN = "books cannot be reached"
_MEMORY_DOWN = "short-term memory cannot be reached"


@pytest.fixture
def pids(house):
    """The processes as they were; they have to be the same ones at the end."""
    before = house.pids()
    yield before
    gone = before.keys() - house.pids().keys()
    assert house.pids() == before, "\n".join(house.said(name)[-9000:] for name in gone)


@pytest.fixture
def trader(house, visitor, pids):
    house.sandbox.set_price("SOL", 150)
    return visitor.settle_in()


def _health(house) -> tuple[int, dict]:
    answer = httpx.get(f"http://127.0.0.1:{house.web_port}/health", timeout=90)
    return answer.status_code, answer.json()


def test_without_postgresql_reading_goes_on_and_nothing_moves(house, trader):
    trader.act("/long sol 0.5", done="✅ Filled")
    waiting = trader.quote("/deposit 50")
    sent_before, said_before = house.sent_messages(), len(trader.answers())
    house.stop_postgres()

    status, told = _health(house)
    assert (status, told["database"]) == (503, "disconnected")
    for command, shows in (
        ("/balance", trader.address[-4:]),
        ("/wallet", trader.address),
        ("/myposition", "SOL-PERP"),
    ):
        trader.say(command, times=2)
        assert "live" in text_of(trader.wait_for(shows))
    for refused in ("/long sol 0.5", "/deposit 20", "/close sol all"):
        answer = text_of(trader.ask(refused, _BOOKS_DOWN))
        assert "Nothing was moved" in answer
        assert "Traceback" not in answer
    trader.press(waiting, "Confirm")
    trader.wait_for(_BOOKS_DOWN)
    assert len(trader.answers()) == said_before + 7
    assert house.sent_messages() == sent_before

    house.start_postgres()
    eventually(lambda: _health(house)[0] == 200, why="/health is well again")
    eventually(lambda: "live" not in text_of(trader.ask("/balance", "USDT")))
    trader.press(waiting, "Confirm")
    trader.wait_on(waiting, "Arrived at the venue")
    trader.act("/close sol all", done="✅ Filled")
    assert [row["status"] for row in trader.transfers()] == ["completed", "completed"]
    assert [row["status"] for row in trader.orders()] == ["filled", "filled"]
    assert len(trader.landed()) == 4
    _assert_no_update_is_left(house)


def test_an_order_under_way_when_postgresql_goes_is_done_once(house, trader):
    """This server forgets commits of its last moments, but never that a message was signed."""
    house.sandbox.set_fault("solana.slow", seconds=1, method="sendTransaction")
    card = trader.quote("/long sol 0.5")
    trader.press(card, "Confirm")
    eventually(lambda: [row for row in trader.submissions() if row["state"] == "signed"])
    house.stop_postgres()
    house.sandbox.clear_faults()
    house.start_postgres()

    trader.wait_on(card, "✅ Filled")
    assert [row["status"] for row in trader.orders()] == ["filled"]
    assert len(trader.landed()) == 2


def test_redis_emptied_in_the_middle_forgets_flows_and_cards_but_moves_nothing(house, trader):
    trader.ask("/deposit", "How much to deposit?")
    house.flush_redis()
    trader.ask("50", "do not understand")
    card = trader.quote("/long sol 0.5")
    house.flush_redis()
    trader.press(card, "Confirm")
    trader.wait_for("too old")
    assert trader.orders() == []

    # What was tapped before keeps its single use, though Redis no longer knows of it.
    card = trader.quote("/long sol 0.5")
    data = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    trader.press(card, "Confirm")
    trader.wait_on(card, "✅ Filled")
    house.flush_redis()
    trader.press_stale(card, data)
    trader.act("/close sol all", done="✅ Filled")
    assert [row["status"] for row in trader.orders()] == ["filled", "filled"]
    assert len(trader.landed()) == 3


def test_without_redis_money_waits_and_what_was_placed_is_done_once_it_is_back(house, trader):
    card = trader.quote("/deposit 50")
    house.stop_redis()
    trader.press(card, "Confirm")
    assert "Nothing was moved" in text_of(trader.wait_for(_MEMORY_DOWN))
    trader.ask("/long sol 0.5", _MEMORY_DOWN)
    trader.ask("/balance", "USDT")
    trader.ask("/myposition", "None are open")
    assert len(trader.intents()) == 1
    assert _health(house)[0] == 200

    house.start_redis()
    # It came back empty, so that the card is not known any more.
    trader.press(card, "Confirm")
    trader.wait_for("too old")
    trader.act("/long sol 0.5", done="✅ Filled")
    assert [row["status"] for row in trader.orders()] == ["filled"]
    assert len(trader.landed()) == 2


def test_a_task_that_is_lost_with_redis_is_made_good_by_the_sweep(house, trader):
    house.sandbox.set_fault("privy.slow", seconds=2, action="signTransaction")
    card = trader.quote("/long sol 0.5")
    trader.press(card, "Confirm")
    eventually(lambda: len(trader.submissions()) == 2)
    house.stop_redis()
    house.sandbox.clear_faults()
    house.start_redis()

    trader.wait_on(card, "✅ Filled")
    assert len(trader.landed()) == 2


def _assert_no_update_is_left(house):
    left = "SELECT * FROM telegram_updates WHERE state = 'received'"
    eventually(
        lambda: not house.rows(left), why=lambda: f"every update is handled; {house.rows(left)}"
    )
