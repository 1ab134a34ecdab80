"""Pages about a person's own safety: authenticator, e-mail, sessions."""

import uuid
from datetime import datetime, timedelta
from functools import partial

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import DEFAULT_SCOPES, ApiScope
from accounts.services import (
    SessionFacts,
    check_totp,
    confirm_totp,
    create_api_key,
    enrol_totp,
    list_api_keys,
    list_sessions,
    read_security,
    revoke_api_key,
    revoke_session,
    want_email,
)
from accounts.web import attempt, drop_session, page, show, typed

# How long a key may live; none of these is for ever.
_KEY_DAYS = ("30", "90", "365")
_TYPED = ("name", "addresses", "days")
_SCOPE_WORDS = {
    ApiScope.READ_ACCOUNT: "see the account",
    ApiScope.READ_MARKET: "see markets",
    ApiScope.TRADE: "place, change and cancel orders, close positions, deposit",
    ApiScope.TRADE_REDUCE_ONLY: "only close positions and set their stops",
    ApiScope.WITHDRAW: "ask for withdrawals, each with a code",
}


@require_http_methods(["GET", "POST"])
@page
def totp(request: HttpRequest, session: SessionFacts, now: datetime) -> HttpResponse:
    """Enrol an authenticator: scan, then type its first code."""
    error, status = "", 200
    if request.method == "POST":
        confirm = partial(confirm_totp, user_id=session.user_id, asked_by=session.id)
        _, error, status = attempt(partial(confirm, code=typed(request, "code"), now=now))
    security = read_security(user_id=session.user_id, now=now)
    context: dict[str, object] = {"security": security, "error": error}
    if not security.has_totp:
        enrolment = enrol_totp(user_id=session.user_id, asked_by=session.id)
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


@require_http_methods(["GET", "POST"])
@page
def api_keys(request: HttpRequest, session: SessionFacts, now: datetime) -> HttpResponse:
    """Keys for programs: a code makes one, whose secret is on this one answer and nowhere else."""
    error, status, made = "", 200, None
    if request.method == "POST":
        days = typed(request, "days")
        make = partial(
            create_api_key,
            user_id=session.user_id,
            name=typed(request, "name"),
            scopes=request.POST.getlist("scope")[:20],
            allowed_ips=typed(request, "addresses").replace(",", " ").split(),
            expires_at=now + timedelta(days=int(days if days in _KEY_DAYS else _KEY_DAYS[0])),
            code=typed(request, "code"),
            check_code=check_totp,
            now=now,
        )
        made, error, status = attempt(make)
    context = {
        "keys": list_api_keys(user_id=session.user_id, now=now),
        "security": read_security(user_id=session.user_id, now=now),
        "scopes": [(scope.value, _SCOPE_WORDS[scope]) for scope in ApiScope],
        # After a refusal the form keeps what was typed; after a key it is for another one.
        "chosen": (request.POST.getlist("scope") if error else []) or list(DEFAULT_SCOPES),
        "typed": {name: typed(request, name) for name in _TYPED} if error else {},
        "days": _KEY_DAYS,
        "made": made[0] if made else None,
        "secret": made[1] if made else "",
        "error": error,
    }
    return show(request, "api_keys", context, status)


@require_POST
@page
def end_api_key(
    request: HttpRequest,  # noqa: ARG001
    session: SessionFacts,
    now: datetime,
    key_id: uuid.UUID,
) -> HttpResponse:
    """No code is needed to take a right away."""
    revoke_api_key(user_id=session.user_id, key_id=key_id, now=now)
    return redirect("desk_api_keys")


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
