"""Their HTTP side, under `/jupiter` and `/flash` of the control port, with its faults."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from decimal import Decimal

import orjson
from aiohttp import web
from solders.pubkey import Pubkey

from sandbox.elsewhere import flash, jupiter
from sandbox.elsewhere.held import VENUES, BadHolding, Holdings
from sandbox.solana.chain import Chain
from sandbox.state import Json

FAULTS = {
    "slow": "`seconds` (2) pass before the request is looked at; `path`",
    "rate_limited": "429; `retry_after` (1); `path`",
    "server_error": "`status` (500); `path`",
    "html": "an HTML page with `status` (200); `path`",
    "truncated": "half of the body; `path`",
    "duplicate": "each position is told twice; `path`",
}
# What Flash allows; Jupiter has published nothing.
FLASH_REQUESTS_PER_SECOND = 10
Answer = Callable[[web.Request], Awaitable[Json | None]]


class Elsewhere:
    """Both venues, over one chain."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._state = chain.state
        self._held = Holdings()
        self._state.register("elsewhere", self._held)
        self._lately: deque[float] = deque(maxlen=FLASH_REQUESTS_PER_SECOND)
        for venue in VENUES:
            for name, meaning in FAULTS.items():
                self._state.faults.declare(f"{venue}.{name}", meaning)

    def add_routes(self, app: web.Application) -> None:
        """Add the venues' own paths, one to set what a wallet holds, one to calm the limits."""
        app.router.add_put("/elsewhere/{venue}/{owner}", self._put)
        app.router.add_delete("/elsewhere/requests", self._forget_requests)
        routes: tuple[tuple[str, str, Answer], ...] = (
            ("jupiter", "/v2/positions", self._jupiter_positions),
            ("flash", "/positions/owner/{owner}", self._flash_positions),
            ("flash", "/v2/owner/{owner}", self._flash_basket),
            ("flash", "/prices", self._flash_prices),
        )
        for venue, path, answer in routes:
            app.router.add_get(f"/{venue}{path}", self._serve(venue, answer))

    async def _put(self, request: web.Request) -> web.Response:
        venue, owner = request.match_info["venue"], request.match_info["owner"]
        try:
            body = orjson.loads(await request.read())
            if venue not in VENUES:
                raise BadHolding(f"there are {' and '.join(VENUES)}")
            self._set(venue, owner, body.get("positions"))
        except (BadHolding, ValueError, AttributeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"positions": len(self._held.of(venue, owner))})

    async def _forget_requests(self, _request: web.Request) -> web.Response:
        """As if a second had passed: what was asked before counts towards no limit."""
        self._lately.clear()
        return web.json_response({"requests": 0})

    def _set(self, venue: str, owner: str, positions: Json) -> None:
        before = list(self._held.of(venue, owner))
        held = self._held.put(venue, owner, positions, now=self._state.clock.unix())
        if venue != "jupiter":
            return
        try:
            jupiter.check(held)
            jupiter.write(self._chain, Pubkey.from_string(owner), before, held)
        except BadHolding:
            self._held.put(venue, owner, [], now=self._state.clock.unix())
            raise

    def _serve(
        self, venue: str, answer: Answer
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(f"/{venue}")
            self._state.calls.record(venue, path.split("/")[1], {"path": path, **request.query})
            replaced = await self._strike(venue, path)
            if replaced is not None:
                return replaced
            try:
                told = await answer(request)
            except ValueError:
                return web.json_response({"error": "Invalid public key"}, status=400)
            if told is None:
                return web.json_response({"error": "Not found"}, status=404)
            if self._state.faults.consume(f"{venue}.duplicate", path=path) is not None:
                told = _twice(told)
            body = orjson.dumps(told)
            if self._state.faults.consume(f"{venue}.truncated", path=path) is not None:
                body = body[: len(body) // 2]
            return web.Response(body=body, content_type="application/json")

        return serve

    async def _strike(self, venue: str, path: str) -> web.Response | None:
        faults = self._state.faults
        if (fault := faults.consume(f"{venue}.slow", path=path)) is not None:
            await asyncio.sleep(float(fault.get("seconds", 2)))
        if (fault := faults.consume(f"{venue}.rate_limited", path=path)) is not None:
            return _too_many(str(fault.get("retry_after", 1)))
        if (fault := faults.consume(f"{venue}.server_error", path=path)) is not None:
            return web.Response(text="upstream error", status=int(fault.get("status", 500)))
        if (fault := faults.consume(f"{venue}.html", path=path)) is not None:
            page = "<!DOCTYPE html><html><body><h1>Just a moment…</h1></body></html>"
            status = int(fault.get("status", 200))
            return web.Response(text=page, status=status, content_type="text/html")
        return _too_many("1") if venue == "flash" and self._is_flood() else None

    def _is_flood(self) -> bool:
        now = time.monotonic()
        full = len(self._lately) == FLASH_REQUESTS_PER_SECOND
        if full and now - self._lately[0] < 1:
            return True
        self._lately.append(now)
        return False

    async def _jupiter_positions(self, request: web.Request) -> Json:
        owner = Pubkey.from_string(request.query.get("walletAddress", ""))
        return jupiter.told(owner, self._held.of("jupiter", str(owner)), self._prices())

    async def _flash_positions(self, request: web.Request) -> Json:
        owner = Pubkey.from_string(request.match_info["owner"])
        return flash.told_positions(owner, self._held.of("flash", str(owner)), self._prices())

    async def _flash_basket(self, request: web.Request) -> Json | None:
        owner = Pubkey.from_string(request.match_info["owner"])
        return flash.told_basket(owner, self._held.of("flash", str(owner)), self._prices())

    async def _flash_prices(self, _request: web.Request) -> Json:
        return flash.told_prices(self._prices(), micros=self._state.clock.unix() * 1_000_000)

    def _prices(self) -> dict[str, Decimal]:
        return dict(self._chain.exchange.prices()) if self._chain.exchange else {}


def _too_many(retry_after: str) -> web.Response:
    headers = {"Retry-After": retry_after}
    return web.json_response({"error": "Too many requests"}, status=429, headers=headers)


def _twice(told: Json) -> Json:
    if isinstance(told, list):
        return [*told, *told]
    if isinstance(told, dict) and "dataList" in told:
        return {"count": told["count"] * 2, "dataList": told["dataList"] * 2}
    return told
