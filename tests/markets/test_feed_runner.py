"""What a feed's process does with batches: keep, tell, hand on; who fails costs nobody else."""

import asyncio
from datetime import UTC, datetime

import pytest

from core import bridge, heartbeat
from core.redis import redis
from markets.feed_runner import FeedRunner
from markets.prices import read_prices
from tests.markets import hand_feed
from tests.markets.hand_feed import HandFeed, price

pytestmark = [pytest.mark.django_db, pytest.mark.anyio]
HERE = "tests.markets.hand_feed"


@pytest.fixture(autouse=True)
def _listeners(redis_server, settings):
    settings.PRICE_CONSUMERS = (f"{HERE}.refuse_prices", f"{HERE}.take_prices")
    settings.PRICE_EVENTS = (f"{HERE}.take_event",)
    settings.COMPARED_SOURCES = ("velocity", "drift", "pyth")
    hand_feed.handed.clear()
    hand_feed.told.clear()
    yield
    bridge.close()


def leading(*batches):
    runner = FeedRunner("oracles", HandFeed(*batches))
    runner.leads = True
    return runner


async def until(true):
    while not true():
        await asyncio.sleep(0.01)


def sol(source="velocity"):
    found = read_prices(source=source, tokens=["SOL"])
    return found["SOL"].price if found else None


def kinds():
    return [event["kind"] for event in hand_feed.told]


async def test_batches_are_kept_and_handed_on_though_a_consumer_and_a_stream_fail():
    now = datetime.now(UTC)
    runner = leading(
        [price(150, now=now)], RuntimeError("the source has a bad day"), [price(151, now=now)]
    )
    following = asyncio.create_task(runner.follow())
    await until(lambda: len(hand_feed.handed) == 2)
    following.cancel()
    assert [prices for prices, _ in hand_feed.handed] == [
        {("velocity", "SOL"): 150}, {("velocity", "SOL"): 151},
    ]  # fmt: skip
    assert sol() == 151
    facts = heartbeat.read("feed").facts
    assert (facts["leader"], facts["stale"], facts["prices"]) == (True, [], 1)


async def test_redis_flushed_in_mid_run_has_all_prices_again_with_the_next_batch():
    now = datetime.now(UTC)
    runner = leading()
    await runner.take([price(150, now=now)], now=now)
    redis().flushdb()
    assert sol() is None
    await runner.take([price(150, now=now)], now=now)
    assert sol() == 150
    assert redis().get("price:SOL") is not None


async def test_what_its_source_lets_stand_still_is_shown_to_nobody_and_told_once():
    now = datetime.now(UTC)
    runner = leading()
    await runner.take([price(150, now=now, slot=3), price(9, token="HYPE", now=now)], now=now)
    # As the same reading is seen half a minute later.
    await runner.take([price(150, now=now, slot=3, age=31)], now=now)
    redis().delete("price:velocity:SOL")
    await runner.look()
    await runner.look()
    assert sol() is None
    assert kinds() == ["price.stale"]
    assert hand_feed.told[0]["facts"]["token"] == "SOL"
    assert redis().pttl("price:velocity:HYPE") <= 30_000


async def test_a_price_lives_no_longer_than_its_age_allows():
    now = datetime.now(UTC)
    await leading().take([price(150, now=now, age=21)], now=now)
    assert 0 < redis().pttl("price:velocity:SOL") <= 9_000


async def test_two_sources_that_are_apart_are_told_once_and_again_after_they_met(settings):
    now = datetime.now(UTC)
    two = [price(100, now=now), price(103, source="pyth", now=now)]
    await leading().take(two, now=now)
    await leading().take(two, now=now)  # another process, of the same mind
    assert kinds() == ["price.sources_apart"]
    event = hand_feed.told[0]
    assert event["facts"] == {"token": "SOL", "percent": "3.00", "velocity": "100", "pyth": "103"}
    assert "3.00 % apart" in event["message"]

    near = [price(100, now=now), price("101.5", source="pyth", now=now)]
    await leading().take(near, now=now)
    await leading().take(two, now=now)
    assert len(kinds()) == 1, "within half of the limit they have not met"
    await leading().take([price(103, now=now)], now=now)
    await leading().take(two, now=now)
    assert len(kinds()) == 2


async def test_who_does_not_lead_keeps_prices_and_hands_nothing_on():
    now = datetime.now(UTC)
    runner = FeedRunner("oracles", HandFeed())
    await runner.take([price(100, now=now), price(150, source="pyth", now=now)], now=now)
    assert sol() == 100
    assert (hand_feed.handed, hand_feed.told) == ([], [])
