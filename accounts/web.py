"""What every page for traders does the same way: its session, its headers, its refusals."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.services.web_sessions import LONGEST, find_session
from core.context import acting_in
from core.errors import DeskError

COOKIE = "desk_session"
_PATH = "/desk/"
# Nothing from elsewhere, no script at all, in nobody's frame, and no address handed on.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    # Without any referrer a form would come from nowhere, and be refused for that.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """A page of one signed-in person: `view(request, session, now, …)`.

    A trader's session is none of the back office's: it is found by a cookie of its own, which
    the back office never reads.
    """

    @wraps(view)
    def handle(request: HttpRequest, **named: Any) -> HttpResponse:
        now = timezone.now()
        session = find_session(token=request.COOKIES.get(COOKIE, ""), now=now)
        if session is None:
            return show(request, "closed", status=403)
        with acting_in(channel="web", actor_id=session.user_id):
            return view(request, session, now, **named)

    return guarded(handle)


def guarded(view: View) -> View:
    """Answer what the desk refuses with a page that says so, and an outage with one too."""

    @wraps(view)
    def handle(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            return view(request, **named)
        except DeskError as error:
            return refusal(request, error)
        except (OperationalError, InterfaceError):
            return show(request, "down", status=503)

    return handle


def show(
    request: HttpRequest, name: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page of the desk's own templates, with the headers that all of them have."""
    response = render(request, f"desk/{name}.html", context or {}, status=status)
    for header, value in _HEADERS.items():
        response[header] = value
    return response


def refusal(request: HttpRequest, error: DeskError) -> HttpResponse:
    return show(request, "refused", {"error": sentence(error)}, status=error.http_status)


def sentence(error: DeskError) -> str:
    """What happened and what to do next, in the words that the chat has for it."""
    said: str = import_string(settings.ERROR_SENTENCE)(error)
    return said


def attempt(act: Callable[[], Any]) -> tuple[Any, str, int]:
    """What the act returned, or the refusal's sentence and status, to be shown on the same page."""
    try:
        return act(), "", 200
    except DeskError as error:
        return None, sentence(error), error.http_status


def keep_session(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST.total_seconds()),
        path=_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def drop_session(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=_PATH, samesite="Strict")


def typed(request: HttpRequest, name: str) -> str:
    """What was written into a field; a code or a name is short."""
    return str(request.POST.get(name, ""))[:400].replace("\x00", "")
