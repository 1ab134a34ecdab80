"""The node's HTTP and websocket server, with the faults of its transport."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from sandbox.solana.chain import Chain
from sandbox.solana.rpc import account_methods, chain_methods, cheats, transaction_methods
from sandbox.solana.rpc.errors import INVALID_REQUEST, METHOD_NOT_FOUND, RpcError
from sandbox.solana.rpc.registry import METHODS, RpcCall, dispatch
from sandbox.solana.rpc.sending import Sender
from sandbox.solana.rpc.subscriptions import Subscription, subscribe
from sandbox.solana.rpc.view import Nodes
from sandbox.state import Json

MAX_BODY_BYTES = 16 * 1024 * 1024
PARSE_ERROR = -32700
METHOD_MODULES = (account_methods, chain_methods, cheats, transaction_methods)
HTML_PAGE = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)
TRANSPORT_FAULTS = {
    "solana.rate_limit": "429 with Retry-After: retry_after (default 1) seconds",
    "solana.server_error": "status (default 503) instead of an answer",
    "solana.html": "an HTML page, with status (default 200), instead of JSON",
    "solana.slow": "seconds (default 1) pass before the call is worked",
    "solana.late": "the call is worked, and its answer comes seconds (default 1) later",
    "solana.truncated": "the call is worked, and half of the answer's body arrives",
    "solana.reset": "the connection is cut before the call is worked",
    "solana.lost_answer": "the call is worked, and the connection is cut before the answer",
    "solana.lost_notification": "a websocket's notification is not sent; its method is like "
    "accountNotification",
    "solana.doubled_notification": "a notification is sent twice",
    "solana.cut_websocket": "the connection is cut in the place of a notification",
    "solana.forged_notification": "before a true one, every subscription of the connection is told "
    "of something that never happened",
}


class RpcServer:
    """All nodes of the sandbox: the first part of the path names the node, `/` is `main`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._state = chain.state
        self._nodes = Nodes(chain, chain.state.faults)
        self._sender = Sender(chain)
        self._subscription_ids = itertools.count(1)
        self._sockets: set[_Socket] = set()
        for name, meaning in TRANSPORT_FAULTS.items():
            chain.state.faults.declare(name, meaning)
        chain.after_change.append(self._wake_sockets)

    def app(self) -> web.Application:
        """An application that serves HTTP and websockets on one port."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_shutdown.append(self._close_sockets)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        node = request.match_info["path"].split("/")[0] or "main"
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._websocket(request, node)
        if request.method == "GET":
            return _page(request)
        if request.method != "POST":
            return web.Response(
                status=405, text="Used HTTP Method is not allowed. POST is required"
            )
        body = await request.read()
        try:
            calls = orjson.loads(body)
        except orjson.JSONDecodeError:
            return _json({"jsonrpc": "2.0", "error": _PARSE_ERROR, "id": None})
        first = calls[0] if isinstance(calls, list) and calls else calls
        method = first.get("method") if isinstance(first, dict) else None
        refused = await self._faults_before(request, node, str(method))
        if refused is not None:
            self._note(calls, node, worked=False)
            return refused
        self._note(calls, node, worked=True)
        if isinstance(calls, list):
            answer: Json = [self.answer(call, node) for call in calls]
        else:
            answer = self.answer(calls, node)
        return await self._faults_after(request, node, str(method), orjson.dumps(answer))

    async def _faults_before(
        self, request: web.Request, node: str, method: str
    ) -> web.StreamResponse | None:
        def struck(name: str) -> dict[str, Json] | None:
            return self._state.faults.consume(f"solana.{name}", node=node, method=method)

        if (fault := struck("slow")) is not None:
            await asyncio.sleep(float(fault.get("seconds", 1)))
        if (fault := struck("rate_limit")) is not None:
            return web.Response(
                status=429,
                headers={"Retry-After": str(fault.get("retry_after", 1))},
                body=orjson.dumps(
                    {"jsonrpc": "2.0", "error": {"code": 429, "message": "Too many requests"}}
                ),
                content_type="application/json",
            )
        if (fault := struck("server_error")) is not None:
            return web.Response(status=int(fault.get("status", 503)), text="Service unavailable")
        if (fault := struck("html")) is not None:
            status = int(fault.get("status", 200))
            return web.Response(status=status, text=HTML_PAGE, content_type="text/html")
        if struck("reset") is not None:
            return _cut(request)
        return None

    async def _faults_after(
        self, request: web.Request, node: str, method: str, answer: bytes
    ) -> web.StreamResponse:
        def struck(name: str) -> dict[str, Json] | None:
            return self._state.faults.consume(f"solana.{name}", node=node, method=method)

        if (fault := struck("late")) is not None:
            await asyncio.sleep(float(fault.get("seconds", 1)))
        if struck("lost_answer") is not None:
            return _cut(request)
        if struck("truncated") is not None:
            answer = answer[: len(answer) // 2]
        return web.Response(body=answer, content_type="application/json")

    def _note(self, calls: Json, node: str, *, worked: bool) -> None:
        for call in calls if isinstance(calls, list) else [calls]:
            if isinstance(call, dict):
                params = {"node": node, "params": call.get("params"), "worked": worked}
                self._state.calls.record("solana", str(call.get("method")), params)

    def answer(self, request: Json, node: str) -> Json:
        """The JSON-RPC answer to one call."""
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            error = RpcError(INVALID_REQUEST, "Invalid request")
            return {"jsonrpc": "2.0", "error": error.as_json(), "id": None}
        try:
            result = dispatch(self._call(node, request["method"]), request.get("params"))
        except RpcError as error:
            return {"jsonrpc": "2.0", "error": error.as_json(), "id": request.get("id")}
        return {"jsonrpc": "2.0", "result": result, "id": request.get("id")}

    def _call(self, node: str, method: str) -> RpcCall:
        view = self._nodes.view(node=node, method=method)
        return RpcCall(self._chain, self._sender, view, node, method)

    # Websockets.

    async def _websocket(self, request: web.Request, node: str) -> web.StreamResponse:
        socket = _Socket(web.WebSocketResponse(heartbeat=30), node, request.transport)
        await socket.response.prepare(request)
        self._sockets.add(socket)
        pushing = asyncio.create_task(self._push(socket))
        try:
            async for message in socket.response:
                if message.type == WSMsgType.TEXT:
                    await self._on_message(socket, message.data)
        finally:
            self._sockets.discard(socket)
            pushing.cancel()
        return socket.response

    async def _on_message(self, socket: _Socket, text: str) -> None:
        try:
            calls = orjson.loads(text)
        except orjson.JSONDecodeError:
            await socket.send({"jsonrpc": "2.0", "error": _PARSE_ERROR, "id": None})
            return
        self._note(calls, socket.node, worked=True)
        if isinstance(calls, list):
            await socket.send([self._answer_on(socket, call) for call in calls])
        else:
            await socket.send(self._answer_on(socket, calls))
        socket.wake.set()

    def _answer_on(self, socket: _Socket, request: Json) -> Json:
        method = request.get("method") if isinstance(request, dict) else None
        if not isinstance(method, str) or method in METHODS:
            return self.answer(request, socket.node)
        params = request.get("params") or []
        try:
            if method.endswith("Unsubscribe"):
                known = params and socket.subscriptions.pop(params[0], None) is not None
                if not known:
                    raise RpcError(-32602, "Invalid subscription id.")
                result: Json = True
            elif method.endswith("Subscribe"):
                subscription = subscribe(self._call(socket.node, method), params)
                result = next(self._subscription_ids)
                socket.subscriptions[result] = subscription
            else:
                raise RpcError(METHOD_NOT_FOUND, "Method not found")
        except RpcError as error:
            return {"jsonrpc": "2.0", "error": error.as_json(), "id": request.get("id")}
        return {"jsonrpc": "2.0", "result": result, "id": request.get("id")}

    async def _push(self, socket: _Socket) -> None:
        # A client that has gone is noticed by who reads from it.
        with suppress(ConnectionResetError):
            await self._push_news(socket)

    async def _push_news(self, socket: _Socket) -> None:
        while True:
            await socket.wake.wait()
            socket.wake.clear()
            for number, subscription in list(socket.subscriptions.items()):
                call = self._call(socket.node, f"{subscription.kind}Notification")
                for value in list(subscription.news(call)):
                    await self._notify(socket, call.method, number, value)
                if subscription.done:
                    socket.subscriptions.pop(number, None)

    async def _notify(self, socket: _Socket, method: str, number: int, value: Json) -> None:
        def struck(name: str) -> bool:
            facts = {"node": socket.node, "method": method}
            return self._state.faults.consume(f"solana.{name}", **facts) is not None

        if struck("cut_websocket"):
            socket.cut()
            return
        if struck("forged_notification"):
            for other, subscription in list(socket.subscriptions.items()):
                forged = {"context": {"slot": 1}, "value": {"err": "Forged", "lamports": 1}}
                await socket.notify(f"{subscription.kind}Notification", other, forged)
        if struck("lost_notification"):
            return
        for _ in range(2 if struck("doubled_notification") else 1):
            await socket.notify(method, number, value)

    def _wake_sockets(self) -> None:
        for socket in self._sockets:
            socket.wake.set()

    async def _close_sockets(self, _app: web.Application) -> None:
        for socket in list(self._sockets):
            await socket.response.close(code=1001, message=b"the sandbox stops")


class _Socket:
    """One websocket and its subscriptions."""

    def __init__(
        self, response: web.WebSocketResponse, node: str, transport: asyncio.Transport | None
    ) -> None:
        self.response = response
        self._transport = transport
        self.node = node
        self.subscriptions: dict[int, Subscription] = {}
        self.wake = asyncio.Event()

    def cut(self) -> None:
        """As a network does: no word of closing."""
        if self._transport is not None:
            self._transport.abort()

    async def notify(self, method: str, number: int, value: Json) -> None:
        params = {"result": value, "subscription": number}
        await self.send({"jsonrpc": "2.0", "method": method, "params": params})

    async def send(self, message: Json) -> None:
        if not self.response.closed:
            await self.response.send_str(orjson.dumps(message).decode())


_PARSE_ERROR = {"code": PARSE_ERROR, "message": "Parse error"}


def _json(body: Any) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")


def _cut(request: web.Request) -> web.StreamResponse:
    transport = request.transport
    if transport is not None:
        transport.abort()
    return web.Response()


def _page(request: web.Request) -> web.Response:
    return web.Response(
        text="SANDBOX: a stand-in for a Solana node. POST JSON-RPC here, or open a websocket.\n"
        if request.path == "/"
        else "SANDBOX\n"
    )
