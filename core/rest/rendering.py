"""Bodies in and out: JSON by orjson, decimals as strings, one object a request."""

from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from core.errors import Refused
from core.money import plain

MAX_BODY_BYTES = 64 * 1024
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class Json(bytes):
    """A body that is JSON already: the database made it, or a stored answer is given again."""


class JsonRenderer(BaseRenderer):
    """Facts to JSON; the only form that there is, whatever a caller accepts."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        if isinstance(data, Json):
            return data
        return orjson.dumps(data, default=_written, option=_OPTIONS)


def _written(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return str(value)


class JsonParser(BaseParser):
    """One JSON object of bounded size. Raises ParseError, Refused (too large)."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise Refused("request.too_large", maximum=MAX_BODY_BYTES)
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError from error
        if not isinstance(found, dict):
            raise ParseError
        return found


def json_only(renderers: Any) -> Any:
    """The renderer and its media type."""
    return renderers[0], renderers[0].media_type


class AlwaysJson:
    """Content negotiation of a service that speaks one language."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        kind = request.content_type.partition(";")[0].strip().lower()
        return next((each for each in parsers if each.media_type == kind), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return json_only(renderers)
