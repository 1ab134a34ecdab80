"""Every error as application/problem+json (RFC 9457) with its stable code."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.module_loading import import_string
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response

from core.context import current
from core.errors import DeskError, Misconfigured, NotFound, RateLimited, Refused, Unavailable
from core.logs import get_logger
from core.money import plain
from core.redaction import clean_text
from core.rest.sentences import SENTENCES

log = get_logger("desk.rest")
PROBLEM = "application/problem+json"
# Classes sort errors by what they mean for the money; HTTP sorts these codes otherwise.
_STATUSES = {
    "api.key_missing": 401,
    "api.key_unknown": 401,
    "api.key_expired": 401,
    "api.key_revoked": 401,
    "request.malformed": 400,
    "request.cursor_invalid": 400,
    "request.key_missing": 400,
    "request.key_invalid": 400,
    "request.method_not_allowed": 405,
    "request.media_type": 415,
    "request.too_large": 413,
    "request.key_used": 422,
    "request.key_spent": 422,
}
_RETRY_AFTER_SECONDS = 2


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response:
    """The exception handler of every REST view: whatever happened, its problem."""
    told = _as_desk_error(error)
    if told is None:
        log.error("request failed", path=str(context["request"].path)[:200], exc_info=error)
        told = Misconfigured("request.failed")
    body = problem_of(told)
    response = Response(body, status=body["status"], content_type=PROBLEM)
    if body["status"] == 401:
        response["WWW-Authenticate"] = 'Bearer realm="laminator"'
    wait = told.params.get("retry_after") or (body["retryable"] and _RETRY_AFTER_SECONDS)
    if wait:
        response["Retry-After"] = str(wait)
    if isinstance(error, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def problem_of(error: DeskError) -> dict[str, Any]:
    """The members of an error's problem."""
    params = {name: told(value) for name, value in error.params.items() if name != "errors"}
    sentence = SENTENCES.get(error.code, "")
    # REST's own codes are told here, the desk's by the one text that each of them has.
    detail = sentence.format_map(_Params(params)) if sentence else _what_happened(error)
    body: dict[str, Any] = {
        "type": f"urn:laminator:error:{error.code}",
        "title": type(error).__name__,
        "status": _STATUSES.get(error.code, error.http_status),
        "detail": f"{detail} {error.consequence}".strip(),
        "code": error.code,
        "params": params,
        "retryable": isinstance(error, Unavailable | RateLimited),
        "traceId": current().trace_id,
    }
    if "errors" in error.params:
        body["errors"] = error.params["errors"]
    return body


def told(value: Any) -> Any:
    """A parameter as JSON holds it: decimals as plain strings, times in UTC."""
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        # The text of something else's error, say.
        return clean_text(value)
    if isinstance(value, bool | int | None):
        return value
    return clean_text(str(value))


def _what_happened(error: DeskError) -> str:
    told: str = import_string(settings.ERROR_WHAT_HAPPENED)(error)
    return told


class _Params(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"


def _as_desk_error(error: Exception) -> DeskError | None:
    match error:
        case DeskError():
            return error
        case exceptions.ValidationError():
            return Refused("request.invalid", errors=list(_field_errors(error.detail)))
        case exceptions.ParseError():
            return Refused("request.malformed")
        case exceptions.UnsupportedMediaType():
            return Refused("request.media_type")
        case exceptions.MethodNotAllowed():
            return Refused("request.method_not_allowed")
        case exceptions.NotFound() | Http404() | PermissionDenied():
            return NotFound("request.no_such_address")
        case OperationalError() | InterfaceError():
            return Unavailable("database.down")
        case RedisError():
            return Unavailable("redis.down")
    return None


def _field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Each field's first fault, by its path in the body."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _field_errors(inner, f"{path}.{own}".strip("."))
    elif isinstance(detail, list) and detail and isinstance(detail[0], dict | list):
        for number, inner in enumerate(detail):
            yield from _field_errors(inner, f"{path}.{number}".strip("."))
    elif isinstance(detail, list):
        for first in detail[:1]:
            yield {
                "field": path,
                "code": str(getattr(first, "code", "invalid")),
                "message": str(first),
            }
