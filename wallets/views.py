"""Pages by which money may leave: what a link opens, the address book, a withdrawal's code."""

import uuid
from datetime import datetime
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import LinkPurpose, NoticeKind
from accounts.services import (
    LinkFacts,
    SessionFacts,
    change_email,
    look_at_link,
    open_session,
    read_security,
    use_link,
)
from accounts.web import attempt, guarded, keep_session, page, show, typed
from core.context import acting_in
from wallets import services
from wallets.enums import WithdrawalStatus

_PAGES = {
    LinkPurpose.SIGN_IN: "desk_home",
    LinkPurpose.ENROL: "desk_totp",
    LinkPurpose.ADDRESSES: "desk_addresses",
    LinkPurpose.UNFREEZE: "desk_unfreeze",
    LinkPurpose.API_KEY: "desk_api_keys",
    LinkPurpose.SESSIONS: "desk_sessions",
}


@require_http_methods(["GET", "POST"])
@guarded
def link(request: HttpRequest) -> HttpResponse:
    """Looking at a link uses nothing up, as programs look at links too; its button does."""
    now = timezone.now()
    if request.method == "GET":
        token = request.GET.get("t", "")[:200]
        found = look_at_link(token=token, now=now)
        return show(request, "link", {"token": token, "purpose": found.purpose})
    found = use_link(token=typed(request, "t"), now=now)
    with acting_in(channel="web", actor_id=found.user_id):
        return _follow(request, found, now)


def _follow(request: HttpRequest, found: LinkFacts, now: datetime) -> HttpResponse:
    if found.purpose == LinkPurpose.STOP:
        _stop(found, now)
        return show(request, "stopped", {"kind": found.params.get("kind")})
    if found.purpose == LinkPurpose.EMAIL:
        change_email(link=found, now=now)
        return show(request, "email_changed", {"email": found.params["email"]})
    token = open_session(
        user_id=found.user_id,
        ip_address=request.META.get("REMOTE_ADDR") or None,
        user_agent=request.headers.get("User-Agent", ""),
        now=now,
    )
    if found.purpose == LinkPurpose.WITHDRAW and found.subject_id is not None:
        response = redirect("desk_withdrawal", withdrawal_id=found.subject_id)
    else:
        response = redirect(_PAGES[LinkPurpose(found.purpose)])
    keep_session(response, token)
    return response


def _stop(found: LinkFacts, now: datetime) -> None:
    if found.subject_id is None:
        return
    if found.params.get("kind") == NoticeKind.NEW_ADDRESS:
        services.stop_address(address_id=found.subject_id, now=now)
    else:
        services.stop_withdrawal(withdrawal_id=found.subject_id, now=now)


@require_http_methods(["GET"])
@page
def home(request: HttpRequest, session: SessionFacts, now: datetime) -> HttpResponse:
    """What can be done here, and what is on its way."""
    context = {
        "security": read_security(user_id=session.user_id, now=now),
        "withdrawals": services.list_withdrawals(user_id=session.user_id, limit=5),
    }
    return show(request, "home", context)


@require_http_methods(["GET", "POST"])
@page
def addresses(request: HttpRequest, session: SessionFacts, now: datetime) -> HttpResponse:
    """The address book; a code adds to it."""
    error, status, added = "", 200, None
    if request.method == "POST":
        add = partial(
            services.add_address,
            user_id=session.user_id,
            label=typed(request, "label"),
            address=typed(request, "address"),
            code=typed(request, "code"),
            now=now,
        )
        added, error, status = attempt(add)
    context = {
        "addresses": services.list_addresses(user_id=session.user_id, now=now),
        "security": read_security(user_id=session.user_id, now=now),
        "added": added,
        "cool_off_hours": settings.ENVIRONMENT.address_cool_off_hours,
        "error": error,
        "typed": {} if added else {name: typed(request, name) for name in ("label", "address")},
    }
    return show(request, "addresses", context, status)


@require_POST
@page
def remove_address(
    request: HttpRequest,  # noqa: ARG001
    session: SessionFacts,
    now: datetime,
    address_id: uuid.UUID,
) -> HttpResponse:
    services.remove_address(user_id=session.user_id, address_id=address_id, now=now)
    return redirect("desk_addresses")


@require_http_methods(["GET", "POST"])
@page
def withdrawal(
    request: HttpRequest, session: SessionFacts, now: datetime, withdrawal_id: uuid.UUID
) -> HttpResponse:
    """The whole address once more, and a field for the code that lets it go."""
    error, status = "", 200
    if request.method == "POST":
        confirm = partial(
            services.confirm_withdrawal,
            user_id=session.user_id,
            withdrawal_id=withdrawal_id,
            code=typed(request, "code"),
            now=now,
        )
        _, error, status = attempt(confirm)
    found = services.read_withdrawal(user_id=session.user_id, withdrawal_id=withdrawal_id)
    context = {
        "withdrawal": found,
        "asks": found.status == WithdrawalStatus.AWAITING_CODE and found.expires_at > now,
        "security": read_security(user_id=session.user_id, now=now),
        "error": error,
    }
    return show(request, "withdrawal", context, status)


@require_POST
@page
def cancel_withdrawal(
    request: HttpRequest,  # noqa: ARG001
    session: SessionFacts,
    now: datetime,
    withdrawal_id: uuid.UUID,
) -> HttpResponse:
    services.cancel_withdrawal(user_id=session.user_id, withdrawal_id=withdrawal_id, now=now)
    return redirect("desk_withdrawal", withdrawal_id=withdrawal_id)
