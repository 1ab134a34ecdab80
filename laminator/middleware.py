"""What surrounds every request: its trace, its transaction, its member of staff."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from core.context import acting_in, new_trace_id
from core.roles import as_admin

Handler = Callable[[HttpRequest], HttpResponse]


def request_context(get_response: Handler) -> Handler:
    """Give each request a trace id, which its log lines, audit rows and answer carry."""

    def handle(request: HttpRequest) -> HttpResponse:
        trace_id = new_trace_id()
        with acting_in(
            trace_id=trace_id,
            channel="web",
            ip_address=request.META.get("REMOTE_ADDR") or None,
            user_agent=request.headers.get("User-Agent", "")[:400] or None,
        ):
            response = get_response(request)
        response["X-Request-Id"] = trace_id
        return response

    return handle


def back_office_transaction(get_response: Handler) -> Handler:
    """Run each request of the back office, its session and its log-in too, as one transaction."""

    def handle(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return get_response(request)
        with as_admin():
            response = get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    return handle


def staff_context(get_response: Handler) -> Handler:
    """Name the member of staff as the actor of what the request does."""

    def handle(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/") or not request.user.is_authenticated:
            return get_response(request)
        with acting_in(channel="admin", actor_id=request.user.pk):
            return get_response(request)

    return handle
