"""The page by which a person's frozen account is let go again."""

from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.services import SessionFacts, check_totp, read_security
from accounts.web import attempt, page, show, typed
from trading.services import unfreeze_user


@require_http_methods(["GET", "POST"])
@page
def unfreeze(request: HttpRequest, session: SessionFacts, now: datetime) -> HttpResponse:
    """Freezing takes a word; this takes a code."""
    error, status = "", 200
    if request.method == "POST":
        check = partial(check_totp, user_id=session.user_id, code=typed(request, "code"), now=now)
        _, error, status = attempt(check)
        if not error:
            _, error, status = attempt(partial(unfreeze_user, user_id=session.user_id, now=now))
    security = read_security(user_id=session.user_id, now=now)
    return show(request, "unfreeze", {"security": security, "error": error}, status)
