"""The Telegram stand-in as an aiohttp application: Bot API, file downloads, control API, chat page.

`/bot<token>/<method>` and `/file/bot<token>/<path>` are the Bot API; `/control/…` is described in
`sandbox.telegram.control`; `/` is the chat page.
"""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from sandbox.state import SandboxState
from sandbox.telegram.control import add_control_routes
from sandbox.telegram.errors import ApiError
from sandbox.telegram.faults import abort, declare_faults, strike_before
from sandbox.telegram.methods import METHODS, MethodCall
from sandbox.telegram.page import add_page_routes
from sandbox.telegram.parameters import MAX_BODY_BYTES, Parameters, read_parameters
from sandbox.telegram.webhook import WebhookPusher
from sandbox.telegram.world import SANDBOX_TOKEN_PREFIX, World
from sandbox.telegram.world_key import WORLD

SERVICE = "telegram"


def create_app(state: SandboxState) -> web.Application:
    """The application; what it remembers is saved and restored with `state`."""
    declare_faults(state.faults)
    world = World(state)
    state.register(SERVICE, world)
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app[WORLD] = world
    app.router.add_route("GET", "/bot{token}/{method}", _call_method)
    app.router.add_route("POST", "/bot{token}/{method}", _call_method)
    app.router.add_get("/file/bot{token}/{kind}/{unique_id}/{name}", _download)
    add_control_routes(app)
    add_page_routes(app)
    app.cleanup_ctx.append(_push_to_webhook)
    app.on_shutdown.append(_end_waits)
    return app


async def _push_to_webhook(app: web.Application) -> AsyncIterator[None]:
    pushing = asyncio.create_task(WebhookPusher(app[WORLD]).run())
    yield
    pushing.cancel()
    await asyncio.gather(pushing, return_exceptions=True)


async def _end_waits(app: web.Application) -> None:
    # Long polls would hold the server open for up to a minute.
    app[WORLD].updates.end_poll()
    app[WORLD].changes.close()


def _check_token(request: web.Request) -> None:
    token = request.match_info["token"]
    if ":" not in token:
        raise ApiError(404, "Not Found")
    if not token.startswith(SANDBOX_TOKEN_PREFIX):
        raise ApiError(401, "Unauthorized")


async def _call_method(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    name = request.match_info["method"]
    try:
        _check_token(request)
        parameters = await read_parameters(request)
        world.state.calls.record(SERVICE, name, parameters.as_json())
        facts = {"method": name, "chat_id": _chat_fact(parameters)}
        struck = await strike_before(world.state.faults, request, facts)
        if struck is not None:
            return struck
        method = METHODS.get(name.lower())
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        result = method(MethodCall(world, parameters))
        if inspect.isawaitable(result):
            result = await result
    except ApiError as error:
        return _refusal(error)
    if world.state.faults.consume("telegram.lose_answer", **facts) is not None:
        return abort(request)
    return _json({"ok": True, "result": result})


def _chat_fact(parameters: Parameters) -> int | str | None:
    chat_id = parameters.raw("chat_id")
    try:
        return int(str(chat_id))
    except ValueError:
        return None if chat_id is None else str(chat_id)


def _refusal(error: ApiError) -> web.Response:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.status,
        "description": error.description,
    }
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
    response = _json(body, status=error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _json(body: dict[str, Any], *, status: int = 200) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/json")


async def _download(request: web.Request) -> web.Response:
    try:
        _check_token(request)
    except ApiError as error:
        return _refusal(error)
    stored = request.app[WORLD].files.by_unique_id(request.match_info["unique_id"])
    if stored is None or stored.name != request.match_info["name"]:
        return _refusal(ApiError(404, "Not Found"))
    return web.Response(body=stored.content, content_type="application/octet-stream")
