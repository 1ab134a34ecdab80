"""The stand-in's HTTP application: authentication, routes, faults."""

import asyncio
import base64
import hmac
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.privy import balance, controls, rpc, users, wallets
from sandbox.privy.credentials import APP_ID, APP_SECRET
from sandbox.privy.errors import PrivyError, invalid_data, not_found
from sandbox.privy.exchange import Answer, Exchange
from sandbox.privy.store import PrivyStore
from sandbox.state import Json, SandboxState

Handler = Callable[[Exchange], Answer] | Callable[[Exchange], Awaitable[Answer]]

FAULTS = {
    "privy.slow": "`seconds` (2) pass before the request is looked at; `action`",
    "privy.rate_limited": "429, nothing done; `retry_after` (1); `action`",
    "privy.server_error": "`status` (500), nothing done; `action`",
    "privy.html": "an HTML page with `status` (200), nothing done; `action`",
    "privy.policy_violation": "the wallet RPC is refused by policy; `action`",
    "privy.timeout_after_signing": "the RPC is carried out, the answer held `seconds` (60)",
    "privy.answer_lost": "any call is carried out, the answer held `seconds` (60); `action`",
    "privy.wrong_message": "signTransaction signs another message",
}

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/v1/users", users.create_user),
    ("GET", "/v1/users", users.list_users),
    ("POST", "/v1/users/search", users.search_users),
    ("POST", "/v1/users/telegram/telegram_user_id", users.get_user_by_telegram_id),
    ("GET", "/v1/users/{user_id}", users.get_user),
    ("POST", "/v1/users/{user_id}/wallets", users.create_user_wallets),
    ("POST", "/v1/wallets", wallets.create_wallet),
    ("GET", "/v1/wallets", wallets.list_wallets),
    ("POST", "/v1/wallets/address", wallets.get_wallet_by_address),
    ("GET", "/v1/wallets/{wallet}", wallets.get_wallet),
    ("PATCH", "/v1/wallets/{wallet}", wallets.update_wallet),
    ("GET", "/v1/wallets/{wallet}/balance", balance.get_balance),
    ("POST", "/v1/wallets/{wallet}/rpc", rpc.call_wallet),
    ("POST", "/v1/wallets/{wallet}/export", wallets.export_wallet),
    ("POST", "/v1/wallets/{wallet}/archive", wallets.archive_wallet),
    ("POST", "/v1/policies", controls.create_policy),
    ("GET", "/v1/policies/{policy_id}", controls.get_policy),
    ("PATCH", "/v1/policies/{policy_id}", controls.update_policy),
    ("DELETE", "/v1/policies/{policy_id}", controls.delete_policy),
    ("POST", "/v1/key_quorums", controls.create_key_quorum),
    ("GET", "/v1/key_quorums/{quorum_id}", controls.get_key_quorum),
)


def create_app(state: SandboxState) -> web.Application:
    """The application; what it keeps is registered with `state` as `privy`."""
    store = PrivyStore(state)
    state.register("privy", store)
    for name, meaning in FAULTS.items():
        state.faults.declare(name, meaning)
    app = web.Application(middlewares=[_answer_errors])
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, _serve(state, store, handler))
    return app


@web.middleware
async def _answer_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except PrivyError as error:
        return web.json_response(error.as_json(), status=error.status)
    except web.HTTPNotFound:
        return web.json_response(not_found("Route").as_json(), status=404)
    except web.HTTPMethodNotAllowed:
        return web.json_response(not_found("Route").as_json(), status=404)


def _serve(
    state: SandboxState, store: PrivyStore, handler: Handler
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        body = await _parse_body(request)
        action = _action(handler, body)
        state.calls.record(
            "privy",
            action,
            {
                "http": f"{request.method} {request.path}",
                "idempotency_key": request.headers.get("privy-idempotency-key"),
                "body": body,
            },
        )
        replaced = await _strike_before(state, action)
        if replaced is not None:
            return replaced
        _authenticate(request)
        exchange = Exchange(request, body, state, store)
        exchange.require_not_expired()
        answer = handler(exchange)
        status, result = answer if isinstance(answer, tuple) else await answer
        await _strike_after(state, request, action)
        return web.json_response(result, status=status)

    return serve


async def _parse_body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw:
        return None
    if request.content_type != "application/json":
        raise invalid_data("The content type must be application/json")
    try:
        return json.loads(raw)
    except ValueError as error:
        raise invalid_data("The body is not JSON") from error


def _authenticate(request: web.Request) -> None:
    expected = base64.b64encode(f"{APP_ID}:{APP_SECRET}".encode()).decode()
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Basic {expected}".encode()):
        raise PrivyError(401, "unauthorized", "Invalid app ID or app secret.")
    if request.headers.get("privy-app-id") != APP_ID:
        raise PrivyError(401, "unauthorized", "Missing or invalid `privy-app-id` header.")


def _action(handler: Handler, body: Json) -> str:
    """What faults and the log call this request: a wallet's RPC method, or the handler's name."""
    if handler is rpc.call_wallet and isinstance(body, dict):
        return str(body.get("method"))
    return handler.__name__


async def _strike_before(state: SandboxState, action: str) -> web.Response | None:
    if (fault := state.faults.consume("privy.slow", action=action)) is not None:
        await asyncio.sleep(float(fault.get("seconds", 2)))
    if (fault := state.faults.consume("privy.rate_limited", action=action)) is not None:
        error = PrivyError(429, "too_many_requests", "Too many requests")
        wait = {"Retry-After": str(fault.get("retry_after", 1))}
        return web.json_response(error.as_json(), status=429, headers=wait)
    if (fault := state.faults.consume("privy.server_error", action=action)) is not None:
        error = PrivyError(int(fault.get("status", 500)), "internal", "Something went wrong")
        return web.json_response(error.as_json(), status=error.status)
    if (fault := state.faults.consume("privy.html", action=action)) is not None:
        page = "<!DOCTYPE html><html><body><h1>Just a moment…</h1></body></html>"
        return web.Response(
            text=page, status=int(fault.get("status", 200)), content_type="text/html"
        )
    return None


async def _strike_after(state: SandboxState, request: web.Request, action: str) -> None:
    fault = state.faults.consume("privy.answer_lost", action=action)
    if fault is None and action in rpc.FIELDS:
        fault = state.faults.consume("privy.timeout_after_signing", action=action)
    if fault is None:
        return
    loop = asyncio.get_running_loop()
    until = loop.time() + float(fault.get("seconds", 60))
    # Held only while somebody waits, so that the server can always be stopped at once.
    while loop.time() < until and request.transport and not request.transport.is_closing():
        await asyncio.sleep(0.02)
