"""Pyth's Hermes: the latest prices and the stream of them, under `/hermes` of the control port."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from decimal import Decimal

import orjson
from aiohttp import web

from sandbox.live_prices import FEEDS
from sandbox.solana.chain import Chain
from sandbox.state import Json

# What its clients must show; like all keys of the sandbox it opens nothing else.
KEY = "sandbox-pyth-key"
FAULTS = {
    "server_error": "`status` (500)",
    "cut": "the stream ends after its next event",
    "silent": "the stream stays open and sends nothing",
    "stale": "prices whose `publish_time` is `seconds` (120) old",
    "unsure": "prices with a confidence of `percent` (50) of the price",
    "off": "prices that are `percent` (10) higher than the oracles'",
    "garbled": "an event that is no JSON",
}
_EXPONENT = -8
_SYMBOLS = {symbol: feed for feed, symbol in FEEDS.items()}


class Hermes:
    """The prices of the sandbox's market in the shape of that service."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._state = chain.state
        for name, meaning in FAULTS.items():
            self._state.faults.declare(f"hermes.{name}", meaning)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/hermes/v2/updates/price/latest", self._latest)
        app.router.add_get("/hermes/v2/updates/price/stream", self._stream)

    async def _latest(self, request: web.Request) -> web.Response:
        feeds = self._asked(request, "latest")
        if isinstance(feeds, web.Response):
            return feeds
        return web.Response(body=self._event(feeds), content_type="application/json")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        feeds = self._asked(request, "stream")
        if isinstance(feeds, web.Response):
            return feeds
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        sent, told_at = b"", -1
        while request.transport is not None and not request.transport.is_closing():
            now, event = self._state.clock.unix(), self._event(feeds)
            # Something once a second at least, as its publishers do.
            if event != sent or now != told_at:
                sent, told_at = event, now
                if not await self._tell(response, event):
                    break
            await asyncio.sleep(0.1)
        return response

    async def _tell(self, response: web.StreamResponse, event: bytes) -> bool:
        faults = self._state.faults
        if faults.consume("hermes.silent") is not None:
            return True
        if faults.consume("hermes.garbled") is not None:
            event = event[: len(event) // 2]
        try:
            await response.write(b"data:" + event + b"\n\n")
        except ConnectionError:
            return False
        return faults.consume("hermes.cut") is None

    def _asked(self, request: web.Request, method: str) -> Sequence[str] | web.Response:
        """The known ones of the feeds asked for, or why there is no answer."""
        self._state.calls.record("hermes", method, {"ids": request.query.getall("ids[]", [])})
        if not hmac.compare_digest(
            request.headers.get("Authorization", "").encode(), f"Bearer {KEY}".encode()
        ):
            return web.Response(status=401, text="unauthorized")
        if (fault := self._state.faults.consume("hermes.server_error")) is not None:
            return web.Response(status=int(fault.get("status", 500)), text="upstream error")
        feeds = [feed.removeprefix("0x") for feed in request.query.getall("ids[]", [])]
        known = [feed for feed in feeds if FEEDS.get(feed) in self._prices()]
        if len(known) < len(feeds) and request.query.get("ignore_invalid_price_ids") != "true":
            return web.Response(status=404, text="Price ids not found")
        return known

    def _event(self, feeds: Sequence[str]) -> bytes:
        faults, prices = self._state.faults, self._prices()
        now, confidence, factor = self._state.clock.unix(), Decimal("0.0005"), Decimal(1)
        if (fault := faults.peek("hermes.stale")) is not None:
            now -= int(fault.get("seconds", 120))
        if (fault := faults.peek("hermes.unsure")) is not None:
            confidence = Decimal(str(fault.get("percent", 50))) / 100
        if (fault := faults.peek("hermes.off")) is not None:
            factor += Decimal(str(fault.get("percent", 10))) / 100
        parsed = [
            _update(feed, prices[FEEDS[feed]] * factor, confidence, now, self._chain.clock.slot)
            for feed in feeds
        ]
        return orjson.dumps({"binary": {"encoding": "base64", "data": []}, "parsed": parsed})

    def _prices(self) -> dict[str, Decimal]:
        return dict(self._chain.exchange.prices()) if self._chain.exchange else {}


def _update(feed: str, price: Decimal, confidence: Decimal, now: int, slot: int) -> Json:
    told = {
        "price": str(int(price.scaleb(-_EXPONENT))),
        "conf": str(int((price * confidence).scaleb(-_EXPONENT))),
        "expo": _EXPONENT,
        "publish_time": now,
    }
    return {
        "id": feed,
        "price": told,
        "ema_price": told,
        "metadata": {"slot": slot, "proof_available_time": now, "prev_publish_time": now - 1},
    }
