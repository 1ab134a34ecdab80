"""Pages about a person's own safety: authenticator, e-mail, sessions."""

import uuid
from datetime import datetime
from functools import partial

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services import (
    SessionFacts,
    confirm_totp,
    enrol_totp,
    list_sessions,
    read_security,
    revoke_session,
    want_email,
)
from accounts.web import attempt, drop_session, page, show, typed


@require_http_methods(["GET", "POST"])
@page
def totp(request: HttpRequest, session: SessionFacts, now: datetime) -> HttpResponse:
    """Enrol an authenticator: scan, then type its first code."""
    error, status = "", 200
    if request.method == "POST":
        confirm = partial(confirm_totp, user_id=session.user_id, code=typed(request, "code"))
        _, error, status = attempt(partial(confirm, now=now))
    security = read_security(user_id=session.user_id, now=now)
    context: dict[str, object] = {"security": security, "error": error}
    if not security.has_totp:
        enrolment = enrol_totp(user_id=session.user_id)
        picture = segno.make(enrolment.url, error="m")
        context |= {
            "picture": picture.svg_data_uri(scale=5, border=3, dark="#111", light="#fff"),
            "secret": " ".join(
                enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4)
            ),
        }
    return show(request, "totp", context, status)


@require_http_methods(["GET", "POST"])
@page
def email(request: HttpRequest, session: SessionFacts, now: datetime) -> HttpResponse:
    """Name the address of the second channel."""
    error, status, wanted = "", 200, ""
    if request.method == "POST":
        wanted = typed(request, "email")
        want = partial(want_email, email=wanted, code=typed(request, "code"), now=now)
        _, error, status = attempt(partial(want, user_id=session.user_id))
    security = read_security(user_id=session.user_id, now=now)
    context = {"security": security, "error": error, "wanted": wanted}
    return show(request, "email", context, status)


@require_http_methods(["GET"])
@page
def sessions(request: HttpRequest, session: SessionFacts, now: datetime) -> HttpResponse:
    """Where the person is signed in."""
    found = list_sessions(user_id=session.user_id, now=now)
    return show(request, "sessions", {"sessions": found, "own": session.id})


@require_POST
@page
def end_session(
    request: HttpRequest, session: SessionFacts, now: datetime, session_id: uuid.UUID
) -> HttpResponse:
    revoke_session(user_id=session.user_id, session_id=session_id, now=now)
    if session_id != session.id:
        return redirect("desk_sessions")
    response = show(request, "closed")
    drop_session(response)
    return response
