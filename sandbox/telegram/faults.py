"""The faults of the Bot API that tests and people can set."""

import asyncio
from typing import Any

from aiohttp import web

from sandbox.state import FaultRegistry
from sandbox.telegram.errors import ApiError, too_many_requests

FAULTS = {
    "telegram.flood": "429 instead of doing it; method, chat_id, retry_after (seconds)",
    "telegram.error": "an error instead of doing it; method, chat_id, status (502), description",
    "telegram.garbage": "an HTML page with status 502 instead of doing it; method, chat_id",
    "telegram.slow": "does it late; method, chat_id, seconds",
    "telegram.drop": "closes the connection without doing it; method, chat_id",
    "telegram.lose_answer": "does it, then closes the connection; method, chat_id",
    "telegram.duplicate_update": "delivers an update twice under one id; kind",
    "telegram.drop_update": "never delivers an update; kind",
}


def declare_faults(faults: FaultRegistry) -> None:
    """Make these faults settable."""
    for name, meaning in FAULTS.items():
        faults.declare(name, meaning)


async def strike_before(
    faults: FaultRegistry, request: web.Request, facts: dict[str, Any]
) -> web.Response | None:
    """The answer of a fault that keeps the call from taking effect, if one strikes."""
    if (slow := faults.consume("telegram.slow", **facts)) is not None:
        await asyncio.sleep(float(slow.get("seconds", 1)))
    if faults.consume("telegram.drop", **facts) is not None:
        return abort(request)
    if faults.consume("telegram.garbage", **facts) is not None:
        page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
        return web.Response(status=502, text=page, content_type="text/html")
    if (flood := faults.consume("telegram.flood", **facts)) is not None:
        raise too_many_requests(int(flood.get("retry_after", 3)))
    if (error := faults.consume("telegram.error", **facts)) is not None:
        status = int(error.get("status", 502))
        raise ApiError(status, str(error.get("description", "Bad Gateway")))
    return None


def abort(request: web.Request) -> web.Response:
    """Close the connection so that the caller learns nothing."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
