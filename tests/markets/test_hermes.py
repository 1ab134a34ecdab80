"""Pyth's stream over the wire: read, refused, cut, and opened anew."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from markets import hermes
from markets.hermes import HermesFeed, read_update
from sandbox.elsewhere.hermes import KEY
from tests.sandbox_server import running_sandbox

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def sandbox_process():
    with running_sandbox(slot_ms=0) as handle:
        yield handle


@pytest.fixture
def sandbox(sandbox_process, monkeypatch):
    monkeypatch.setattr(hermes, "_FIRST_PAUSE_SECONDS", 0.01)
    sandbox_process.clear_faults()
    sandbox_process.clear_calls()
    return sandbox_process


def feed(sandbox, key=KEY):
    return HermesFeed(f"{sandbox.control_url}/hermes", key)


async def batches(source, count):
    found = []
    async with aclosing(source.stream()) as stream:
        async for prices in stream:
            found.append(prices)
            if len(found) == count:
                break
        return found, source.facts()


async def test_prices_come_with_their_moment_and_their_source(sandbox):
    sandbox.set_price("SOL", "155.25")
    [[*prices]], facts = await batches(feed(sandbox), 1)
    assert {price.token for price in prices} == {"SOL", "BTC", "ETH", "HYPE"}
    [sol] = [price for price in prices if price.token == "SOL"]
    assert (sol.price, sol.source) == (Decimal("155.25"), "pyth")
    assert sol.age_seconds(datetime.now(UTC)) < 60
    assert facts == {"connected": True, "reconnects": 0, "unreadable": 0}


async def test_a_stream_that_is_cut_refused_or_garbled_is_opened_anew(sandbox):
    source = feed(sandbox)
    sandbox.set_fault("hermes.cut", count=2)
    sandbox.set_fault("hermes.server_error", count=1, status=503)
    sandbox.set_fault("hermes.garbled", count=1)
    found, facts = await batches(source, 2)
    assert all(len(prices) == 4 for prices in found)
    assert (facts["reconnects"], facts["unreadable"]) == (2, 1)


async def test_a_wrong_key_brings_no_price_and_is_shown_to_nobody(sandbox, caplog):
    source = feed(sandbox, key="another")
    asking = asyncio.create_task(batches(source, 1))
    while len(sandbox.calls(service="hermes", method="stream")) < 2:
        await asyncio.sleep(0.01)
    assert not asking.done()
    assert source.facts()["connected"] is False
    asking.cancel()
    assert "PYTH_API_KEY" in caplog.text
    assert "another" not in caplog.text


def test_what_nobody_is_sure_of_is_left_out():
    told = {"price": "15000000000", "conf": "1000000", "expo": -8, "publish_time": 1_790_000_000}
    sol = "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d"
    assert read_update({"id": f"0x{sol}", "price": told}).price == 150
    unsure = told | {"conf": "400000000"}
    assert read_update({"id": sol, "price": unsure}) is None
    assert read_update({"id": sol, "price": told | {"price": "-1"}}) is None
    assert read_update({"id": "ab" * 32, "price": told}) is None
