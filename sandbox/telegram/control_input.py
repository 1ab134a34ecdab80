"""What a request to the control API holds, checked."""

import json
from typing import Any

from aiohttp import web

from sandbox.telegram.acts import ActRefused


class Body:
    """The JSON object of a request; a missing or mistyped field is refused by name."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise ActRefused(400, f"{name} must be a string")
        return value

    def integer(self, name: str, *, default: int | None = None) -> int:
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ActRefused(400, f"{name} must be an integer")
        return value

    def optional_integer(self, name: str) -> int | None:
        return None if self.values.get(name) is None else self.integer(name)


async def read_body(request: web.Request) -> Body:
    """The JSON object that a request carries."""
    # A page of another origin cannot send this content type without asking first.
    if request.content_type != "application/json":
        raise ActRefused(415, "Content-Type must be application/json")
    try:
        values = json.loads(await request.read() or b"{}")
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise ActRefused(400, "the body must be a JSON object")
    return Body(values)


def path_id(request: web.Request) -> int:
    """The ID in the path."""
    try:
        return int(request.match_info["id"])
    except ValueError:
        raise ActRefused(404, "ids are integers") from None


def query_number(request: web.Request, name: str, default: float) -> float:
    """A number in the query."""
    try:
        return float(request.query.get(name, default))
    except ValueError:
        raise ActRefused(400, f"{name} must be a number") from None
