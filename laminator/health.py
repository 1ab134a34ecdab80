"""Whether the desk lives: `/health` for web and database, `/ready` for all that it needs."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
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
    """Asks the database over a connection of its own, and never waits for longer than it says.

    Beside the pool, as an exhausted pool is not a dead database; in a thread of its own, as a
    frozen server answers neither yes nor no. One question at a time: while one hangs, those
    that follow share its answer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._asked: Future[None] | None = None
        self._connection: psycopg.Connection[Any] | None = None
        self._target: dict[str, Any] = {}

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

    def close(self) -> None:
        """End the thread and its connection."""
        with self._lock:
            executor, self._executor, self._asked = self._executor, None, None
        if executor is not None:
            executor.submit(self._forget)
            executor.shutdown(wait=True)

    def _question(self) -> "Future[None]":
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(1, thread_name_prefix="database-probe")
            if self._asked is None or self._asked.done():
                self._asked = self._executor.submit(self._ask)
            return self._asked

    def _ask(self) -> None:
        target = self._parameters()
        if target != self._target:
            self._forget()
            self._target = target
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
            except psycopg.Error:
                self._forget()  # it may have been restarted since
            else:
                return
        self._connection = psycopg.connect(**target)
        self._connection.execute("SELECT 1")

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

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
