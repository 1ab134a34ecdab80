"""Pyth's prices as Hermes streams them (server-sent events), where there is a key to it."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import structlog
from django.conf import settings

from core.tls import trusted
from markets.prices import Price

log = structlog.get_logger(__name__)
SOURCE = "pyth"
# Hermes' ids of the feeds of what is traded here, in dollars.
FEED_IDS = {
    "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d": "SOL",
    "e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43": "BTC",
    "ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace": "ETH",
    "4279e31cc369bbcc2faf022b382b080e32a8e689ff20fbc530d2a603eb6cd98b": "HYPE",
}
# Beyond this part of a price its confidence says that nobody knows it.
_WIDEST_CONFIDENCE = Decimal("0.02")
# Several updates a second are usual; a stream that brings none has died unnoticed.
_SILENCE_SECONDS = 15.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 30.0
# A stream that stood for less is no success: some servers accept and cut.
_STEADY_SECONDS = 10.0
_MOST_BYTES_A_LINE = 2**20


class HermesFeed:
    """The feed `hermes`: one stream of all known feeds, opened anew whenever it ends."""

    lifetime = timedelta(seconds=10)

    @classmethod
    def from_settings(cls, key: str) -> HermesFeed:  # noqa: ARG003
        """Ends the process where there is no key to the service."""
        environment = settings.ENVIRONMENT
        environment.require("PYTH_API_KEY")
        assert environment.pyth_api_key is not None
        return cls(environment.hermes_url, environment.pyth_api_key.get_secret_value())

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = f"{url.rstrip('/')}/v2/updates/price/stream", key
        self._connected, self._streams, self._unreadable = False, 0, 0

    def facts(self) -> dict[str, Any]:
        return {
            "connected": self._connected,
            "reconnects": max(0, self._streams - 1),
            "unreadable": self._unreadable,
        }

    async def stream(self) -> AsyncGenerator[list[Price], None]:
        """Batches as they come; after each failure in a row the pause doubles, up to a limit."""
        failures = 0
        async with httpx.AsyncClient(
            headers={"Authorization": f"Bearer {self._key}", "Accept": "text/event-stream"},
            timeout=httpx.Timeout(10.0, read=_SILENCE_SECONDS),
            verify=trusted(),
        ) as client:
            while True:
                began = time.monotonic()
                try:
                    async with aclosing(self._read_one(client)) as batches:
                        async for prices in batches:
                            yield prices
                    reason = "ended by the server"
                except (httpx.HTTPError, ValueError) as error:
                    reason = _reason(error)
                finally:
                    self._connected = False
                failures = 0 if time.monotonic() - began > _STEADY_SECONDS else failures + 1
                pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(failures, 10))
                pause *= random.uniform(0.8, 1.2)  # noqa: S311
                log.warning("hermes_cut", reason=reason, again_in_seconds=round(pause, 1))
                await asyncio.sleep(pause)

    async def _read_one(self, client: httpx.AsyncClient) -> AsyncGenerator[list[Price], None]:
        wanted = [("ids[]", feed) for feed in FEED_IDS]
        others = [("parsed", "true"), ("encoding", "base64"), ("ignore_invalid_price_ids", "true")]
        async with client.stream("GET", self._url, params=[*wanted, *others]) as answer:
            answer.raise_for_status()
            self._connected, self._streams = True, self._streams + 1
            rest = b""
            async for piece in answer.aiter_bytes():
                *lines, rest = (rest + piece).split(b"\n")
                if len(rest) > _MOST_BYTES_A_LINE:
                    raise ValueError("a line without an end")
                for line in lines:
                    if line.startswith(b"data:") and (prices := self._read(line[5:])):
                        yield prices

    def _read(self, told: bytes) -> list[Price]:
        try:
            found = [read_update(update) for update in json.loads(told)["parsed"]]
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            # What is written oddly says nothing; the next one may.
            self._unreadable += 1
            return []
        return [price for price in found if price is not None]


def read_update(update: dict[str, Any]) -> Price | None:
    """The price of one parsed update; None for another feed, and for a price nobody is sure of."""
    token = FEED_IDS.get(str(update["id"]).removeprefix("0x"))
    told = update["price"]
    unit = Decimal(10) ** int(told["expo"])
    price, confidence = int(told["price"]) * unit, int(told["conf"]) * unit
    if token is None or price <= 0 or confidence > price * _WIDEST_CONFIDENCE:
        return None
    return Price(
        token=token,
        price=price,
        source=SOURCE,
        # The publishers' slot is of another chain than ours: its moment alone orders prices.
        slot=0,
        observed_at=datetime.fromtimestamp(int(told["publish_time"]), UTC),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return f"HTTP {status}" + (" (is PYTH_API_KEY right?)" if status in (401, 403) else "")
    return type(error).__name__
