"""Oracles that follow the real market: only young and sure prices, and silence where none is."""

import asyncio
import json
from collections.abc import Sequence
from decimal import Decimal

from aiohttp import web

from sandbox.live_prices import FEEDS, LivePriceOptions, LivePrices
from sandbox.perps import create_exchange
from sandbox.perps.deployment import DRIFT, VELOCITY
from sandbox.perps.feeds import oracle_address
from sandbox.perps.listings import BY_SYMBOL
from sandbox.solana.chain import Chain
from sandbox.state import SandboxOptions, SandboxState

KEY = "its key"
SOL = next(feed for feed, symbol in FEEDS.items() if symbol == "SOL")


def following_chain(url: str = "") -> Chain:
    live = LivePriceOptions(url=url, key=KEY)
    chain = Chain(SandboxState(SandboxOptions(slot_ms=0, live_prices=live)))
    chain.install(create_exchange(chain.state))
    chain.exchange.genesis(chain)
    return chain


def update(price: int, *, age: int, now: int, conf: int = 10_000, feed: str = SOL) -> str:
    told = {"price": str(price), "conf": str(conf), "expo": -8, "publish_time": now - age}
    return json.dumps({"binary": {}, "parsed": [{"id": feed, "price": told}]})


def oracles(chain: Chain) -> list[bytes]:
    return [
        bytes(chain.account(oracle_address(chain, deployment, BY_SYMBOL["SOL"])).data)
        for deployment in (DRIFT, VELOCITY)
    ]


def followed(chain: Chain, streams: Sequence[Sequence[str]], *, key: str = KEY) -> list[int]:
    """The answers' statuses, of a service that sends one of `streams` a connection."""
    statuses: list[int] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        assert SOL in request.query.getall("ids[]")
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            statuses.append(401)
            return web.Response(status=401)
        statuses.append(200)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for data in streams[min(len(statuses), len(streams)) - 1]:
            await response.write(f": a remark\ndata:{data}\n\n".encode())
        return response

    async def play() -> None:
        app = web.Application()
        app.router.add_get("/v2/updates/price/stream", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        live = LivePrices(
            LivePriceOptions(url=f"http://127.0.0.1:{runner.addresses[0][1]}", key=key),
            take=chain.exchange.follow,
            unix_now=chain.state.clock.unix,
        )
        task = asyncio.create_task(live.follow())
        while len(statuses) <= len(streams):
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await runner.cleanup()

    asyncio.run(asyncio.wait_for(play(), timeout=120))
    return statuses


def test_the_market_is_followed_over_streams_that_end():
    chain = following_chain()
    now = chain.state.clock.unix()
    first = [update(14_200_000_000, age=3, now=now)]
    second = ["not JSON", '{"parsed": 7}', update(14_350_000_000, age=1, now=now)]

    assert followed(chain, [first, second])[:2] == [200, 200]
    before = oracles(chain)
    chain.advance(1)

    assert chain.exchange.prices()["SOL"] == Decimal("143.5")
    assert all(new != old for new, old in zip(oracles(chain), before, strict=True))


def test_what_is_old_unsure_or_no_price_is_left_out_and_the_oracle_stays_silent():
    chain = following_chain()
    now = chain.state.clock.unix()
    before = oracles(chain)
    bad = [
        update(14_200_000_000, age=60, now=now),
        update(14_200_000_000, age=1, now=now, conf=900_000_000),
        update(-5, age=1, now=now),
        update(14_200_000_000, age=1, now=now, feed="ab" * 32),
    ]

    followed(chain, [bad])
    chain.advance(3)

    assert oracles(chain) == before


def test_a_refused_key_is_told_and_changes_nothing(caplog):
    chain = following_chain()
    before = oracles(chain)

    assert followed(chain, [[]], key="another")[0] == 401
    chain.advance(3)

    assert "SANDBOX_PYTH_KEY" in caplog.text
    assert "another" not in caplog.text
    assert oracles(chain) == before


def test_a_price_held_by_hand_stands_and_no_older_one_comes_after_a_newer():
    chain = following_chain()
    now = chain.state.clock.unix()
    chain.exchange.follow("SOL", Decimal(140), now)
    chain.exchange.follow("SOL", Decimal(90), now - 5)
    assert chain.exchange.prices()["SOL"] == 140

    chain.exchange.set_price(chain, "SOL", Decimal(155))
    chain.exchange.follow("SOL", Decimal(141), now)
    assert chain.exchange.prices()["SOL"] == 155

    chain.exchange.set_price(chain, "SOL", Decimal(155), hold=False)
    chain.exchange.follow("SOL", Decimal(141), now)
    assert chain.exchange.prices()["SOL"] == 141
