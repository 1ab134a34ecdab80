"""Prices of the real market, for oracles that follow it: a stream of Pyth's Hermes service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import aiohttp
import orjson

from sandbox.prices import BadPrice, parse_price

HERMES_URL = "https://hermes.pyth.network"
# Hermes' ids of the feeds behind the listed symbols.
FEEDS = {
    "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d": "SOL",
    "e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43": "BTC",
    "ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace": "ETH",
    "4279e31cc369bbcc2faf022b382b080e32a8e689ff20fbc530d2a603eb6cd98b": "HYPE",
}
STALE_SECONDS = 30
# Beyond this part of the price its confidence says that nobody knows the price.
WIDEST_CONFIDENCE = Decimal("0.02")
SILENCE_SECONDS = 20.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
MOST_BYTES_A_LINE = 2**20

log = logging.getLogger("sandbox.live_prices")


@dataclass(frozen=True, slots=True)
class LivePriceOptions:
    """Where the stream is, and the key to it, which is shown nowhere."""

    url: str
    key: str = field(repr=False)


class LivePrices:
    """Hands every price that is young and sure to `take`, with the second of its publication."""

    def __init__(
        self,
        options: LivePriceOptions,
        *,
        take: Callable[[str, Decimal, int], None],
        unix_now: Callable[[], int],
    ) -> None:
        self._options = options
        self._take = take
        self._unix_now = unix_now
        self._pause = FIRST_PAUSE_SECONDS

    async def follow(self) -> None:
        """Until cancelled: a stream that ends, is refused or falls silent is opened anew."""
        headers = {"Authorization": f"Bearer {self._options.key}", "Accept": "text/event-stream"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=SILENCE_SECONDS)
        async with aiohttp.ClientSession(
            headers=headers, timeout=timeout, read_bufsize=MOST_BYTES_A_LINE
        ) as session:
            while True:
                await self._stream(session)
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)

    async def _stream(self, session: aiohttp.ClientSession) -> None:
        wanted = [("ids[]", feed) for feed in FEEDS]
        others = [("parsed", "true"), ("encoding", "base64"), ("ignore_invalid_price_ids", "true")]
        url = f"{self._options.url.rstrip('/')}/v2/updates/price/stream"
        try:
            async with session.get(url, params=wanted + others) as answer:
                if answer.status != 200:
                    why = " (is SANDBOX_PYTH_KEY right?)" if answer.status in (401, 403) else ""
                    log.warning("live prices are refused with HTTP %s%s", answer.status, why)
                    return
                async for line in answer.content:
                    if line.startswith(b"data:"):
                        self._read(line.removeprefix(b"data:"))
            log.info("the stream of live prices ended; it is opened anew")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("live prices: %s; the stream is opened anew", type(error).__name__)

    def _read(self, line: bytes) -> None:
        try:
            updates = orjson.loads(line)["parsed"]
            for update in updates:
                self._offer(update)
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            log.warning("live prices: a message that cannot be read is left out")

    def _offer(self, update: dict[str, Any]) -> None:
        symbol = FEEDS.get(update["id"].removeprefix("0x"))
        told = update["price"]
        unit = Decimal(10) ** int(told["expo"])
        price, confidence = int(told["price"]) * unit, int(told["conf"]) * unit
        published_at = int(told["publish_time"])
        if symbol is None or self._unix_now() - published_at > STALE_SECONDS:
            return
        try:
            price = parse_price(price)
        except BadPrice:
            return
        if confidence <= price * WIDEST_CONFIDENCE:
            self._pause = FIRST_PAUSE_SECONDS
            self._take(symbol, price, published_at)
