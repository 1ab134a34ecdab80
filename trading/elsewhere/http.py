"""Reading JSON of a public API, at a pace that it stands."""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import httpx

from core.errors import Unavailable
from core.tls import trusted

_MOST_BYTES = 2_000_000
# After a failure nobody waits for it again at once; what it asks for itself counts up to a minute.
_REST_SECONDS = 3.0
_MOST_REST_SECONDS = 60.0
# More places than any amount here has are cut off.
_NUMBER = re.compile(r"(-?[0-9]{1,15})(?:\.([0-9]{1,12})[0-9]{0,20})?", re.ASCII)
_SYMBOL = re.compile(r"[A-Za-z0-9.]{1,20}", re.ASCII)


class Malformed(Exception):
    """An answer that makes no sense."""


class JsonReader:
    """One API's address and the pace of this process's requests to it."""

    def __init__(self, base_url: str, *, venue: str, per_second: Callable[[], int]) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(5.0, connect=2.0),
            follow_redirects=False,
            verify=trusted(),
        )
        self._venue = venue
        self._per_second = per_second
        self._lock = threading.Lock()
        self._next_at = self._resting_until = time.monotonic()

    def read(self, path: str, *, missing_is_nothing: bool = False, **query: str) -> Any:
        """The JSON that is there, its numbers as Decimals; nothing for 404 if that may be.

        Raises Unavailable for anything but a whole JSON answer.
        """
        if time.monotonic() < self._resting_until:
            raise Unavailable("venue.unreachable", venue=self._venue, reason="resting")
        self._wait()
        try:
            response = self._http.get(path, params=query)
        except httpx.HTTPError as error:
            raise self._failed("no answer") from error
        if response.status_code == 404 and missing_is_nothing:
            return None
        if response.status_code != 200 or len(response.content) > _MOST_BYTES:
            wanted = response.headers.get("Retry-After", "")
            seconds = float(wanted) if wanted.isascii() and wanted.isdigit() else _REST_SECONDS
            raise self._failed(f"status {response.status_code}", rest_seconds=seconds)
        try:
            return json.loads(response.content, parse_float=Decimal)
        except ValueError as error:
            # An HTML page or half a body.
            raise self._failed("no JSON") from error

    def _wait(self) -> None:
        with self._lock:
            at = max(self._next_at, time.monotonic())
            self._next_at = at + 1 / self._per_second()
        time.sleep(max(0, at - time.monotonic()))

    def _failed(self, reason: str, *, rest_seconds: float = _REST_SECONDS) -> Unavailable:
        rest_seconds = min(max(rest_seconds, _REST_SECONDS), _MOST_REST_SECONDS)
        self._resting_until = time.monotonic() + rest_seconds
        return Unavailable("venue.unreachable", venue=self._venue, reason=reason)


def number(told: Any, *, above_zero: bool = False) -> Decimal:
    """A plain decimal number, as a text or a number. Raises Malformed."""
    text = f"{told:f}" if isinstance(told, Decimal) else str(told)
    matched = None if isinstance(told, bool) else _NUMBER.fullmatch(text)
    if matched is None:
        raise Malformed(f"{text[:40]!r} is no number")
    found = Decimal(f"{matched[1]}.{matched[2]}" if matched[2] else matched[1])
    if above_zero and found <= 0:
        raise Malformed(f"{text[:40]!r} is not above zero")
    return found


def symbol(told: Any) -> str:
    """An asset's short name. Raises Malformed: it becomes part of pages and of the catalogue."""
    if not isinstance(told, str) or not _SYMBOL.fullmatch(told):
        raise Malformed(f"{str(told)[:40]!r} names no asset")
    return told


def side(told: Any) -> str:
    """long or short. Raises Malformed."""
    found = str(told).lower()
    if found not in ("long", "short"):
        raise Malformed(f"{found[:40]!r} is no side")
    return found


def objects(told: Any) -> list[Mapping[str, Any]]:
    """A list of objects. Raises Malformed."""
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise Malformed("a list of objects was expected")
    return told
