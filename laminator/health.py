"""Whether the desk lives: `/health` for web and database, `/ready` for all that it needs."""

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import psycopg
from django.db import connections
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.redaction import clean_text
from laminator import readiness

PATIENCE_SECONDS = 1.5


class DatabaseProbe:
    """Asks the database over a new connection, and never waits for longer than it says.

    Beside the pool, as an exhausted pool is not a dead database; in a thread of its own, as a
    frozen server answers neither yes nor no. One question at a time: while one hangs, those
    that follow share its answer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: Future[None] | None = None

    def failure(self, *, patience_seconds: float = PATIENCE_SECONDS) -> str | None:
        """None when the database answers, else why it does not."""
        try:
            self._question().result(timeout=patience_seconds)
        except FutureTimeout:
            return f"no answer within {patience_seconds:g} s"
        except (psycopg.Error, OSError) as error:
            # The first line says it all; what follows may be the address.
            return clean_text((str(error).splitlines() or [type(error).__name__])[0])[:200]
        return None

    def _question(self) -> "Future[None]":
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                # A daemon: a server that never answers must not keep the process from ending.
                threading.Thread(
                    target=self._ask, args=(self._asked,), name="database-probe", daemon=True
                ).start()
            return self._asked

    def _ask(self, asked: "Future[None]") -> None:
        try:
            with psycopg.connect(**self._parameters()) as connection:
                connection.execute("SELECT 1")
        except (psycopg.Error, OSError) as error:
            asked.set_exception(error)
        else:
            asked.set_result(None)

    @staticmethod
    def _parameters() -> dict[str, Any]:
        given = connections["default"].settings_dict
        names = {
            "NAME": "dbname", "USER": "user", "PASSWORD": "password",
            "HOST": "host", "PORT": "port",
        }  # fmt: skip
        wanted = {ours: given[theirs] for theirs, ours in names.items() if given.get(theirs)}
        return wanted | {"autocommit": True, "connect_timeout": 2, "tcp_user_timeout": 3000}


database_probe = DatabaseProbe()


@require_safe
def health(_: HttpRequest) -> JsonResponse:
    """The web process answers, and so does its database: 200; else 503 within 2 seconds."""
    failure = database_probe.failure()
    answer = {
        "status": "healthy" if failure is None else "unhealthy",
        "database": "connected" if failure is None else "disconnected",
        "timestamp": timezone.now().isoformat(),
    }
    return _uncached(JsonResponse(answer, status=200 if failure is None else 503))


@require_safe
def ready(_: HttpRequest) -> JsonResponse:
    """All that the desk needs, each with its age or error: 200 when all is well, else 503."""
    report = readiness.report()
    answer = {
        "status": "ready" if report.ok else "not_ready",
        "checks": {check.name: check.as_json() for check in report.checks},
        "timestamp": report.at.isoformat(),
    }
    return _uncached(JsonResponse(answer, status=200 if report.ok else 503))


def _uncached(response: JsonResponse) -> JsonResponse:
    response["Cache-Control"] = "no-store"
    return response
