"""Who of the staff came in, left, or was kept out: each is an audit row."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from accounts.models import User
from audit.services import record
from core.context import acting_in
from core.logs import get_logger
from core.metrics import count_login

log = get_logger("desk.staff")
# In a user's metadata: a printed password that lets in once ("unused", then "used").
ONE_TIME = "one_time_password"


def connect() -> None:
    """Listen to Django's signals; doing it again changes nothing."""
    user_logged_in.connect(_came_in, dispatch_uid="desk.staff.login")
    user_logged_out.connect(_left, dispatch_uid="desk.staff.logout")
    user_login_failed.connect(_kept_out, dispatch_uid="desk.staff.login_failed")


def _came_in(user: User, request: HttpRequest | None = None, **_: Any) -> None:
    count_login(outcome="ok")
    log.info("staff log-in", user=str(user.pk), role=user.role)
    with acting_in(channel="admin", actor_id=user.pk):
        record(action="staff.login", resource=user)
        if user.metadata.get(ONE_TIME) == "unused":
            _use_up(user, request)


def _use_up(user: User, request: HttpRequest | None) -> None:
    """The password that was printed for the first sign-in opens no second one."""
    user.set_unusable_password()
    user.metadata |= {ONE_TIME: "used"}
    user.save(update_fields=["password", "metadata", "updated_at"])
    if request is not None:
        # A changed password ends sessions; this one has just begun.
        update_session_auth_hash(request, user)


def _left(user: User | None, **_: Any) -> None:
    if user is None:
        return  # nobody was logged in
    with acting_in(channel="admin", actor_id=user.pk):
        record(action="staff.logout", resource=user)


def _kept_out(credentials: dict[str, Any], **_: Any) -> None:
    """What was typed is not kept: a password lands in the wrong box easily."""
    count_login(outcome="failed")
    typed = str(credentials.get("username") or "")
    known = User.objects.filter(email=typed).first() if typed and "\x00" not in typed else None
    log.warning("staff log-in failed", user=str(known.pk) if known else None)
    with acting_in(channel="admin"):
        record(
            action="staff.login_failed",
            resource=known or ("users", "unknown"),
            user_id=known.pk if known else None,
        )
