"""Processes die by SIGKILL, or run twice, around one act; it happens once, and its card tells."""

import pytest

from tests.journeys.house import eventually
from tests.telegram_user import text_of

pytestmark = pytest.mark.journey


@pytest.fixture
def trader(house, visitor):
    house.sandbox.set_price("SOL", 150)
    return visitor.settle_in()


def _assert_done_once(trader, card):
    """One order, one message on the chain beside the deposit's, one card."""
    assert [row["status"] for row in trader.orders()] == ["filled"]
    assert [row["kind"] for row in trader.intents()] == ["deposit", "order"]
    assert len(trader.submissions()) == len(trader.landed()) == 2
    about = [each for each in trader.answers() if "LONG · SOL-PERP" in text_of(each)]
    assert [each["message_id"] for each in about] == [card["message_id"]]


def test_a_money_tap_that_was_received_but_not_handled_is_driven_again_or_answered(house, trader):
    card = trader.quote("/long sol 0.5")
    # The tap is answered before it is carried out; the bot dies while it waits for that.
    house.sandbox.set_fault("telegram.slow", seconds=20, method="answerCallbackQuery")
    trader.press(card, "Confirm")
    received = "SELECT count(*) FROM telegram_updates WHERE state = 'received'"
    eventually(lambda: house.value(received) == 1, why="the tap is stored")
    house.kill("bot")
    assert trader.orders() == []
    house.sandbox.clear_faults()
    house.start("bot")

    told = eventually(
        lambda: next((w for w in ("✅ Filled", "card has expired") if w in trader.now(card)), None),
        why=lambda: f"the tap is answered on the card that says {trader.now(card)!r}",
    )
    assert house.value(received) == 0
    if told == "✅ Filled":
        _assert_done_once(trader, card)
    else:  # The bot was back only when the quote was past its time: it says so, and nothing moves.
        assert "Nothing was moved" in trader.now(card)
        assert trader.orders() == []


def test_a_tap_that_telegram_delivers_three_times_acts_once(house, trader):
    card = trader.quote("/long sol 0.5")
    trader.press(card, "Confirm", times=3)
    trader.wait_on(card, "✅ Filled")
    before = len(trader.answers())
    trader.say("/myposition", times=3)
    trader.wait_for("LONG SOL-PERP")
    # An answer to a later command comes after all answers to this one.
    trader.ask("/price sol", "SOL")
    assert len(trader.answers()) == before + 2
    _assert_done_once(trader, card)


@pytest.mark.long
def test_a_worker_that_dies_between_its_tasks_leaves_nothing_undone(house, trader):
    house.kill("worker")
    card = trader.quote("/long sol 0.5")
    trader.press(card, "Confirm")
    trader.wait_on(card, "Placed")
    house.start("worker")
    trader.wait_on(card, "✅ Filled")
    _assert_done_once(trader, card)


def test_a_worker_that_dies_while_it_sends_leaves_it_to_the_sweep(house, trader):
    house.sandbox.set_fault("solana.late", seconds=20, method="sendTransaction")
    card = trader.quote("/long sol 0.5")
    trader.press(card, "Confirm")
    eventually(
        lambda: (
            [row["state"] for row in trader.submissions()][1:] == ["signed"]
            and len(house.sandbox.calls(service="solana", method="sendTransaction")) > 1
        ),
        why="the message is on its way",
    )
    house.kill("worker")
    house.sandbox.clear_faults()
    house.start("worker")
    trader.wait_on(card, "✅ Filled")
    _assert_done_once(trader, card)


def test_a_fill_that_nobody_was_told_of_is_told_once_on_its_card(house, trader):
    card = trader.quote("/long sol 0.5")
    house.sandbox.set_fault("solana.slow", seconds=1, method="sendTransaction", count=1)
    trader.press(card, "Confirm")
    eventually(lambda: len(trader.submissions()) == 2)
    house.kill("bot")
    eventually(lambda: [row["status"] for row in trader.orders()] == ["filled"])
    assert "✅ Filled" not in trader.now(card)
    _let_leases_run_out(house)
    house.start("bot")
    filled = trader.wait_on(card, "✅ Filled")
    shown = [text_of(each) for each in (*filled["history"], filled)]
    assert sum("✅ Filled" in text for text in shown) == 1
    _assert_done_once(trader, card)


@pytest.mark.long
def test_news_that_were_sent_but_not_marked_are_no_second_message(house, trader):
    card = trader.quote("/long sol 0.5")
    trader.press(card, "Confirm")
    trader.wait_on(card, "Placed")
    # Telegram shows the edit, and the bot never learns of it.
    house.sandbox.set_fault("telegram.lose_answer", method="editMessageText")
    trader.wait_on(card, "✅ Filled")
    house.kill("bot")
    waiting = "SELECT count(*) FROM outbox_messages WHERE state = 'waiting'"
    assert house.value(waiting) > 0
    house.sandbox.clear_faults()
    before = len(trader.answers())
    _let_leases_run_out(house)
    house.start("bot")
    eventually(lambda: house.value(f"{waiting} AND leased_until <= now()") == 0)
    assert len(trader.answers()) == before
    _assert_done_once(trader, card)


def test_a_second_bot_takes_over_when_the_first_is_killed_and_drives_what_it_left(house, trader):
    house.start("bot#2")
    eventually(lambda: "this one stands by" in house.said("bot#2"), why="it stands by")
    card = trader.quote("/long sol 0.5")
    house.sandbox.set_fault("telegram.slow", seconds=20, method="answerCallbackQuery")
    trader.press(card, "Confirm")
    received = "SELECT count(*) FROM telegram_updates WHERE state = 'received'"
    eventually(lambda: house.value(received) == 1, why="the tap is stored")
    # The one that stands by leaves it to the one that lives.
    assert "driving updates again" not in house.said("bot#2")
    house.kill("bot")
    house.sandbox.clear_faults()
    try:
        eventually(lambda: "this one receives" in house.said("bot#2"), why="it takes over")
        eventually(lambda: house.value(received) == 0, why="what the first one left is done")
        trader.ask("/status", "Books (database)")
        trader.ask("/help", "What I can do")
        told = [text_of(each) for each in trader.answers()]
        assert sum("Books (database)" in text for text in told) == 1
    finally:
        house.kill("bot#2")
        house.start("bot")
    assert len(trader.orders()) <= 1


def test_everything_running_twice_does_each_act_once(house, trader):
    house.start("bot#2", "worker#2", "beat#2")
    try:
        eventually(
            lambda: "this one stands by" in house.said("bot#2"),
            why="the second bot says that there is another",
        )
        before = len(trader.answers())
        trader.ask("/myposition", "None are open")
        card = trader.quote("/long sol 0.5")
        trader.press(card, "Confirm")
        trader.wait_on(card, "✅ Filled")
        assert len(trader.answers()) == before + 2
    finally:
        for name in ("bot#2", "worker#2", "beat#2"):
            house.kill(name)
    _assert_done_once(trader, card)
    # The one that is left goes on by itself.
    trader.act("/close sol all", done="✅ Filled")
    assert house.value("SELECT count(*) FROM jobs WHERE failures > 0") == 0


def _let_leases_run_out(house):
    """How long a lease holds is another test's."""
    house.rows(
        "UPDATE outbox_messages SET leased_until = now()"
        " WHERE state = 'waiting' AND holder IS NOT NULL"
    )
