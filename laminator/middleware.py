"""What surrounds every request: its trace, its log line, its transaction, its member of staff."""

import re
import time
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from core import metrics
from core.client_address import client_address
from core.context import acting_in, new_trace_id
from core.logs import get_logger
from core.roles import as_admin

Handler = Callable[[HttpRequest], HttpResponse]
_TRACE_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
# Asked every few seconds by machines: their lines would bury the others.
_QUIET_PATHS = frozenset({"/health", "/ready", "/metrics"})
log = get_logger("desk.web")


def request_context(get_response: Handler) -> Handler:
    """Give each request a trace id, which its log line, audit rows and answer carry.

    A caller's own X-Request-Id is taken where it has the form of ours.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        trace_id = given if _TRACE_ID.fullmatch(given) else new_trace_id()
        with acting_in(
            trace_id=trace_id,
            channel="web",
            ip_address=client_address(request),
            user_agent=request.headers.get("User-Agent", "")[:400] or None,
        ):
            response = _logged(request, get_response)
        response["X-Request-Id"] = trace_id
        return response

    return handle


def _logged(request: HttpRequest, get_response: Handler) -> HttpResponse:
    started = time.perf_counter()
    with metrics.tallied_queries() as queries:
        response = get_response(request)
    seconds = time.perf_counter() - started
    match = request.resolver_match
    metrics.count_request(
        method=request.method if request.method in _METHODS else "other",
        view=(match.view_name or "unnamed") if match else "none",
        status=response.status_code,
        seconds=seconds,
        queries=queries.count,
    )
    quiet = request.path in _QUIET_PATHS or request.path.startswith(settings.STATIC_URL)
    # The path alone: a query string may hold what logs must not.
    (log.debug if quiet else log.info)(
        "request",
        method=request.method,
        path=request.path[:200],
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        queries=queries.count,
        database_ms=round(queries.seconds * 1000, 1),
        ip=client_address(request),
    )
    return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def back_office_transaction(get_response: Handler) -> Handler:
    """Run each request of the back office, its session and its log-in too, as one transaction.

    Without a database it answers 503 with a page that needs none.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        if not _is_back_office(request):
            return get_response(request)
        try:
            with as_admin():
                response = get_response(request)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
        except (OperationalError, InterfaceError) as error:
            log.error("database unavailable", error=type(error).__name__)
            return _database_down()
        return response

    return handle


def staff_context(get_response: Handler) -> Handler:
    """Name the member of staff as the actor of what the request does."""

    def handle(request: HttpRequest) -> HttpResponse:
        if not _is_back_office(request) or not request.user.is_authenticated:
            return get_response(request)
        with acting_in(channel="admin", actor_id=request.user.pk):
            return get_response(request)

    return handle


def _is_back_office(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/")


def _database_down() -> HttpResponse:
    response = HttpResponse(render_to_string("laminator/database_down.html"), status=503)
    response["Retry-After"] = "5"
    return response
