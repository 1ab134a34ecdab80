"""The control port: what tests, demos and the command line do to the sandbox, over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

import orjson
from aiohttp import web
from solders.pubkey import Pubkey

from sandbox.elsewhere.app import Elsewhere
from sandbox.elsewhere.hermes import Hermes
from sandbox.explorer import Explorer
from sandbox.pages import facts, link, page
from sandbox.prices import BadPrice, parse_price
from sandbox.script import BadScript, ScriptPlayer
from sandbox.solana.chain import Chain
from sandbox.state import BadFault, Json

FAUCET_LAMPORTS = 2_000_000_000
FAUCET_QUOTE_UNITS = 10_000_000_000
MAX_ADVANCE = 10_000_000


class BadRequest(Exception):
    """A request that makes no sense; the message says why."""


class Control:
    """The control API and the index page."""

    def __init__(self, chain: Chain, player: ScriptPlayer, save: Callable[[], None]) -> None:
        self._chain = chain
        self._state = chain.state
        self._player = player
        self._save = save

    def app(self) -> web.Application:
        """An application with the control API, the explorer and the index page."""
        app = web.Application(middlewares=[_answer_errors])
        app.router.add_get("/", self._index)
        app.router.add_get("/health", self._health)
        app.router.add_get("/faults", self._show_faults)
        app.router.add_put("/faults/{name}", self._set_fault)
        app.router.add_delete("/faults/{name}", self._clear_fault)
        app.router.add_delete("/faults", self._clear_fault)
        app.router.add_get("/calls", self._show_calls)
        app.router.add_delete("/calls", self._clear_calls)
        app.router.add_get("/prices", self._show_prices)
        app.router.add_post("/prices", self._set_price)
        app.router.add_post("/script", self._play_script)
        app.router.add_post("/advance", self._advance)
        app.router.add_post("/time", self._set_time)
        app.router.add_post("/faucet", self._faucet)
        app.router.add_post("/save", self._save_now)
        Explorer(self._chain).add_routes(app)
        Elsewhere(self._chain).add_routes(app)
        Hermes(self._chain).add_routes(app)
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        options, clock = self._state.options, self._chain.clock
        return _json(
            {
                "sandbox": True,
                "slot": clock.slot,
                "block_height": self._chain.slots.height(),
                "unix_timestamp": clock.unix_timestamp,
                "slot_ms": options.slot_ms,
                "seed": options.seed,
                "script_lines_left": self._player.lines_left,
                "urls": _urls(self._chain),
            }
        )

    async def _show_faults(self, _request: web.Request) -> web.Response:
        return _json({"set": self._state.faults.show(), "known": self._state.faults.declared()})

    async def _set_fault(self, request: web.Request) -> web.Response:
        parameters = {"at_slot": self._chain.slots.slot, **await _body(request)}
        parameters.pop("name", None)
        self._state.faults.set(request.match_info["name"], **parameters)
        return _json({"set": self._state.faults.show()})

    async def _clear_fault(self, request: web.Request) -> web.Response:
        self._state.faults.clear(request.match_info.get("name"))
        return _json({"set": self._state.faults.show()})

    async def _show_calls(self, request: web.Request) -> web.Response:
        query = request.query
        calls = self._state.calls.select(
            service=query.get("service"),
            method=query.get("method"),
            since=_whole(query.get("since", "0"), "since"),
        )
        return _json({"calls": [call.as_json() for call in calls]})

    async def _clear_calls(self, _request: web.Request) -> web.Response:
        self._state.calls.clear()
        return _json({"calls": []})

    async def _show_prices(self, _request: web.Request) -> web.Response:
        return _json({"prices": self._prices()})

    def _prices(self) -> dict[str, str]:
        exchange = self._chain.exchange
        return {name: str(price) for name, price in exchange.prices().items()} if exchange else {}

    async def _set_price(self, request: web.Request) -> web.Response:
        body = await _body(request)
        exchange = self._chain.exchange
        if exchange is None:
            raise BadRequest("no exchange is loaded, so there are no prices")
        price = parse_price(body.get("price"))
        symbol = str(body.get("symbol"))
        try:
            exchange.set_price(self._chain, symbol, price, hold=bool(body.get("hold", True)))
        except KeyError as error:
            known = ", ".join(sorted(self._prices()))
            raise BadRequest(f"no price is named {symbol!r}; there are: {known}") from error
        return _json({"prices": self._prices()})

    async def _play_script(self, request: web.Request) -> web.Response:
        repeats = request.query.get("repeat") == "true"
        return _json({"lines": self._player.play(await request.text(), repeats)})

    async def _advance(self, request: web.Request) -> web.Response:
        slots = _whole((await _body(request)).get("slots", 1), "slots")
        if not 1 <= slots <= MAX_ADVANCE:
            raise BadRequest(f"slots must be from 1 to {MAX_ADVANCE}")
        self._chain.advance(slots)
        return _json({"slot": self._chain.slots.slot})

    async def _set_time(self, request: web.Request) -> web.Response:
        body = await _body(request)
        clock = self._state.clock
        if "unix_timestamp" in body:
            clock.offset_seconds += _whole(body["unix_timestamp"], "unix_timestamp") - clock.unix()
        clock.offset_seconds += _whole(body.get("add_seconds", 0), "add_seconds")
        return _json({"unix_timestamp": clock.unix()})

    async def _faucet(self, request: web.Request) -> web.Response:
        is_form = request.content_type == "application/x-www-form-urlencoded"
        body: Any = dict(await request.post()) if is_form else await _body(request)
        try:
            address = Pubkey.from_string(str(body.get("address", "")).strip())
        except ValueError as error:
            raise BadRequest("this is not a Solana address") from error
        lamports = _whole(body.get("lamports", FAUCET_LAMPORTS), "lamports")
        amount = _whole(body.get("quote_units", FAUCET_QUOTE_UNITS), "quote_units")
        given = self.give(address, lamports=lamports, quote_units=amount)
        if is_form:
            raise web.HTTPSeeOther(f"/address/{address}")
        return _json(given)

    def give(self, address: Pubkey, *, lamports: int, quote_units: int) -> dict[str, Json]:
        """The faucet: lamports, and quote tokens of every deployment."""
        exchange = self._chain.exchange
        tokens = []
        for mint in exchange.quote_mints() if exchange else ():
            if quote_units <= 0:
                break
            account = self._chain.faucet_tokens(mint=mint, owner=address, amount=quote_units)
            tokens.append({"mint": str(mint), "account": str(account), "amount": str(quote_units)})
        signature = None
        if lamports > 0:
            signature = self._chain.faucet_transfer(address, lamports).signature
        return {
            "address": str(address),
            "lamports": lamports,
            "signature": signature,
            "tokens": tokens,
        }

    async def _save_now(self, _request: web.Request) -> web.Response:
        self._save()
        return _json({"saved": self._state.options.state_directory is not None})

    async def _index(self, _request: web.Request) -> web.Response:
        urls = _urls(self._chain)
        places = facts(
            *(
                (name, link(url, url) if url.startswith("http") else f"<code>{url}</code>")
                for name, url in urls.items()
            )
        )
        clock = self._chain.clock
        now = facts(
            ("Slot", f"{clock.slot:,}"),
            ("Transactions", f"{len(self._chain.ledger):,}"),
            *((name, f"{escape(price)} $") for name, price in self._prices().items()),
        )
        faults = self._state.faults.show()
        shown = (
            facts(*((name, f"<code>{escape(str(fault))}</code>") for name, fault in faults.items()))
            if faults
            else "<p class='soft'>None is set.</p>"
        )
        faucet = (
            "<h2>Faucet</h2><form method='post' action='/faucet'>"
            "<input name='address' placeholder='Wallet address' required>"
            "<button>Give 2 SOL and quote tokens</button></form>"
        )
        return page(
            "Sandbox",
            f"<h2>Places</h2>{places}",
            f"<h2>Now</h2>{now}",
            faucet,
            f"<h2>Faults</h2>{shown}",
        )


def _urls(chain: Chain) -> dict[str, str]:
    options = chain.state.options
    return {
        "control": options.control_url,
        "explorer": f"{options.control_url}/explorer",
        "rpc": options.rpc_url,
        "websocket": options.websocket_url,
        "privy": options.privy_url,
        "telegram": options.telegram_url,
        "jupiter": f"{options.control_url}/jupiter",
        "flash": f"{options.control_url}/flash",
    }


async def _body(request: web.Request) -> dict[str, Json]:
    text = await request.read()
    if not text:
        return {}
    if request.content_type != "application/json":
        raise BadRequest("the body must be JSON, sent as application/json")
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _whole(value: Json, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise BadRequest(f"{name} must be a whole number") from error


def _json(body: Json, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json", status=status)


@web.middleware
async def _answer_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except (BadRequest, BadScript, BadFault, BadPrice) as error:
        return _json({"error": str(error)}, status=400)
