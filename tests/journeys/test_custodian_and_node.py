"""Custodian or node are away in the middle of an act: it ends once, or with nothing spent."""

import pytest

from tests.journeys.house import eventually

pytestmark = pytest.mark.journey


@pytest.fixture
def trader(house, visitor):
    house.sandbox.set_price("SOL", 150)
    return visitor.settle_in()


def _pass_the_deadline(house, trader):
    """As if a minute had gone by."""
    house.rows(
        "UPDATE submissions s SET deadline = now() - interval '1 second' FROM wallets w"
        " WHERE w.id = s.wallet_id AND w.wallet_address = %s AND s.ended_at IS NULL",
        trader.address,
    )


@pytest.mark.long
def test_an_order_that_the_custodian_never_signs_ends_with_nothing_spent(house, trader):
    card = trader.quote("/long sol 0.5")
    house.sandbox.set_fault("privy.server_error", status=503)
    sent_before = house.sent_messages()
    trader.press(card, "Confirm")
    trader.wait_on(card, "Nothing has been sent yet")
    eventually(lambda: house.sandbox.calls(service="privy", method="signTransaction"))
    _pass_the_deadline(house, trader)
    trader.wait_on(card, "Not executed")
    assert "Nothing was sent, nothing was spent." in trader.now(card)
    assert [row["status"] for row in trader.orders()] == ["not_executed"]
    assert [row["state"] for row in trader.submissions()] == ["finalized", "abandoned"]

    house.sandbox.clear_faults()
    trader.act("/long sol 0.5", done="✅ Filled")
    assert len(house.sent_messages() - sent_before) == 1
    assert len(trader.landed()) == 2


def test_a_custodian_that_is_back_in_time_signs_once(house, trader):
    card = trader.quote("/deposit 50")
    house.sandbox.set_fault("privy.server_error", status=500)
    trader.press(card, "Confirm")
    eventually(lambda: house.sandbox.calls(service="privy", method="signTransaction"))
    trader.wait_on(card, "Nothing has been sent yet")
    house.sandbox.clear_faults()
    trader.wait_on(card, "Arrived at the venue")
    assert [row["booked_amount"] for row in trader.transfers()] == [500, 50]
    assert len(trader.landed()) == 2


def test_a_custodian_whose_answer_is_lost_after_signing_costs_nothing_twice(house, trader):
    """The answer comes so late that the message has died meanwhile: then another one is signed."""
    card = trader.quote("/long sol 0.5")
    house.sandbox.set_fault("privy.answer_lost", seconds=12, count=1, action="signTransaction")
    trader.press(card, "Confirm")
    ended = eventually(lambda: [row["status"] for row in trader.orders() if row["ended_at"]])
    assert ended[0] in ("filled", "not_executed")
    trader.wait_on(card, "✅ Filled" if ended == ["filled"] else "Not executed")
    states = [row["state"] for row in trader.submissions()]
    landed = 2 if ended == ["filled"] else 1
    assert len(trader.landed()) == landed
    assert states.count("expired") == len(states) - landed


def test_a_node_that_is_back_in_time_gets_the_same_bytes(house, trader):
    card = trader.quote("/long sol 0.5")
    before = house.sent_messages()
    house.sandbox.set_fault("solana.server_error", method="sendTransaction")
    trader.press(card, "Confirm")
    eventually(lambda: trader.submissions()[-1]["state"] == "signed")
    assert "Filled" not in trader.now(card)
    house.sandbox.clear_faults()
    trader.wait_on(card, "✅ Filled")
    assert len(house.sent_messages() - before) == 1
    assert len(trader.landed()) == 2


@pytest.mark.long
def test_nodes_that_stay_away_end_the_order_with_nothing_traded(house, trader):
    card = trader.quote("/long sol 0.5")
    house.sandbox.set_fault("solana.server_error", method="sendTransaction")
    trader.press(card, "Confirm")
    # Until the first message is proven dead by both nodes' finalized heights; then one more goes.
    eventually(
        lambda: [row["state"] for row in trader.submissions()][1:] == ["expired", "signed"],
    )
    assert "Not executed" not in trader.now(card)
    _pass_the_deadline(house, trader)
    trader.wait_on(card, "Not executed")
    assert "Nothing was traded" in trader.now(card)
    assert [row["status"] for row in trader.orders()] == ["not_executed"]
    assert [row["state"] for row in trader.submissions()] == ["finalized", "expired", "expired"]
    house.sandbox.clear_faults()
    trader.act("/long sol 0.5", done="✅ Filled")
    assert len(trader.landed()) == 2
