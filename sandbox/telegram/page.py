"""The chat page, the files it shows, and its faucet."""

import json
from pathlib import Path

import aiohttp
from aiohttp import web

from sandbox.telegram.world_key import WORLD

STATIC = Path(__file__).parent / "static"
FAUCET_TIMEOUT_SECONDS = 15
# The bot's texts are hostile input: nothing may run here but the page's own script.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp")


def add_page_routes(app: web.Application) -> None:
    """Put the page at / and what it needs beside it."""
    app.router.add_get("/", _index)
    app.router.add_get("/static/{name}", _static)
    app.router.add_get("/files/{unique_id}", _file)
    app.router.add_post("/faucet", _faucet)


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html", headers=SECURITY_HEADERS)


async def _static(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    if name not in {path.name for path in STATIC.iterdir()}:
        raise web.HTTPNotFound
    return web.FileResponse(STATIC / name, headers=SECURITY_HEADERS)


async def _file(request: web.Request) -> web.Response:
    stored = request.app[WORLD].files.by_unique_id(request.match_info["unique_id"])
    if stored is None:
        raise web.HTTPNotFound
    inline = stored.kind == "photo" or stored.media_type in SHOWN_INLINE
    headers = dict(SECURITY_HEADERS)
    media_type = _media_type_of(stored.content) if inline else "application/octet-stream"
    if not inline:
        headers["Content-Disposition"] = f'attachment; filename="{stored.name}"'
    return web.Response(body=stored.content, content_type=media_type, headers=headers)


def _media_type_of(content: bytes) -> str:
    starts = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg", b"GIF8": "image/gif"}
    for start, media_type in starts.items():
        if content.startswith(start):
            return media_type
    return "image/webp"


async def _faucet(request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    state = request.app[WORLD].state
    url = f"{state.options.control_url}/faucet"
    timeout = aiohttp.ClientTimeout(total=FAUCET_TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(
                url,
                data=await request.read(),
                headers={"Content-Type": "application/json"},
            ) as answer,
        ):
            text = await answer.text()
            body = json.loads(text)
            return web.json_response(body, status=answer.status)
    except (aiohttp.ClientError, TimeoutError):
        problem = "the sandbox's control service does not answer"
    except ValueError:
        problem = "the sandbox's control service gave an unreadable answer"
    return web.json_response({"error": problem}, status=502)
