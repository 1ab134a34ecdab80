"""What a node says that moved is seen at once, with the regular looks away; and well without it."""

import time

import pytest

pytestmark = pytest.mark.journey


@pytest.fixture
def resting(house, visitor):
    """An order of which the venue's book has the rest: only a keeper moves it now."""
    house.sandbox.set_price("SOL", 150)
    visitor.settle_in()
    card = visitor.act("/long sol 0.5 limit 140", done="Open at the venue")
    yield visitor, card
    house.sandbox.set_price("SOL", 150)


def _statuses(visitor):
    return [row["status"] for row in visitor.orders()]


def test_a_fill_is_seen_by_a_hint_while_nobody_asks_for_the_regular_looks(house, resting):
    visitor, card = resting
    house.kill("beat")
    house.sandbox.set_price("SOL", 138)
    visitor.wait_on(card, "Filled")
    assert _statuses(visitor) == ["filled"]
    assert len(visitor.landed()) == 2


def test_what_moved_while_no_node_was_heard_is_looked_at_after_the_connection(house, resting):
    visitor, card = resting
    house.kill("beat")
    house.kill("subscriptions")
    house.sandbox.set_price("SOL", 138)
    time.sleep(3)
    assert _statuses(visitor) == ["open"]
    house.start("subscriptions")
    visitor.wait_on(card, "Filled")
    assert _statuses(visitor) == ["filled"]


@pytest.mark.long
def test_without_hints_the_regular_looks_see_the_same(house, resting):
    visitor, card = resting
    house.kill("subscriptions")
    house.sandbox.set_price("SOL", 138)
    visitor.wait_on(card, "Filled")
    assert _statuses(visitor) == ["filled"]


def test_the_process_that_listens_ends_when_told(house):
    assert house.stop("subscriptions") == 0
    assert "Traceback" not in house.said("subscriptions")
