"""The second channel: a person is told by mail of what touches their money, and can stop it."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F

from accounts.enums import LinkPurpose, NoticeKind
from accounts.models import SecurityNotice, User
from accounts.services.links import MAIL_LINK_VALID, make_link
from core.errors import Unavailable
from core.logs import get_logger
from core.roles import as_sync

log = get_logger("desk.notices")
_LEASE = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(minutes=10)

# Kind → (subject, body, whether a link stops it).
_TEXTS: dict[str, tuple[str, str, bool]] = {
    NoticeKind.WITHDRAWAL: (
        "A withdrawal of {amount} {token}",
        "{amount} {token} will leave your wallet for\n{address}\nnot before {release}.",
        True,
    ),
    NoticeKind.NEW_ADDRESS: (
        "A new address in your address book",
        "“{label}” was added:\n{address}\nMoney can be sent to it from {usable}.",
        True,
    ),
    NoticeKind.TOTP_ENROLLED: (
        "An authenticator was enrolled",
        "From now on its codes allow withdrawals from your account.",
        False,
    ),
    NoticeKind.TOTP_RESET: (
        "Your authenticator was reset",
        "Staff took it away on request. Withdrawals are locked for now.",
        False,
    ),
    NoticeKind.EMAIL_WANTED: (
        "Confirm this address",
        "Somebody wants to use this address as the second channel of a trading account. "
        "If that is you, confirm it with the link below.",
        True,
    ),
    NoticeKind.EMAIL_CHANGED: (
        "The address of your account was changed",
        "Messages like this one now go to {email}. Withdrawals are locked for now.",
        False,
    ),
    NoticeKind.API_KEY: ("A new API key", "“{name}” was made for your account.", False),
}


def notify(
    *,
    user: User,
    kind: NoticeKind,
    now: datetime,
    subject_id: uuid.UUID | None = None,
    params: Mapping[str, Any] | None = None,
    email: str | None = None,
) -> None:
    """In the caller's transaction: have the person told by mail, if they have an address."""
    to = email or user.email
    if not to:
        return
    notice = SecurityNotice(
        user_id=user.pk,
        kind=kind,
        subject_id=subject_id,
        params={name: str(value) for name, value in (params or {}).items()},
        email=to,
        next_attempt_at=now,
        created_at=now,
    )
    notice.save(force_insert=True)
    from accounts.tasks import send_notices

    # Lost with the broker, the job makes it good.
    transaction.on_commit(lambda: send_notices.delay(), robust=True)


def send_notices(*, now: datetime, limit: int = 50) -> dict[str, int]:
    """Send what waits, each under a lease; what cannot be sent waits longer each time."""
    with as_sync():
        due = list(
            SecurityNotice.objects.filter(sent_at__isnull=True, next_attempt_at__lte=now)
            .order_by("next_attempt_at")
            .values_list("id", flat=True)[:limit]
        )
    sent = sum(_send(notice_id, now) for notice_id in due)
    return {"due": len(due), "sent": sent}


def _send(notice_id: uuid.UUID, now: datetime) -> bool:
    with as_sync():
        rows = SecurityNotice.objects.filter(
            pk=notice_id, sent_at__isnull=True, next_attempt_at__lte=now
        )
        if not rows.update(next_attempt_at=now + _LEASE, attempts=F("attempts") + 1):
            return False
        notice = SecurityNotice.objects.get(pk=notice_id)
    try:
        _mail(notice, now).send()
    except (OSError, Unavailable) as error:
        # smtplib's errors are OSErrors.
        pause = min(timedelta(seconds=2 ** min(notice.attempts, 10)), _LONGEST_PAUSE)
        log.warning("a notice waits", notice=str(notice_id), error=type(error).__name__)
        with as_sync():
            SecurityNotice.objects.filter(pk=notice_id).update(
                next_attempt_at=now + pause, error=type(error).__name__
            )
        return False
    with as_sync():
        SecurityNotice.objects.filter(pk=notice_id).update(sent_at=now, error="")
    return True


def _mail(notice: SecurityNotice, now: datetime) -> EmailMessage:
    subject, body, has_link = _TEXTS[notice.kind]
    lines = [body.format_map(notice.params)]
    if has_link:
        wanted = notice.kind == NoticeKind.EMAIL_WANTED
        link = make_link(
            user_id=notice.user_id,
            purpose=LinkPurpose.EMAIL if wanted else LinkPurpose.STOP,
            subject_id=notice.subject_id,
            params={"kind": notice.kind, "email": notice.email},
            valid=MAIL_LINK_VALID,
            now=now,
        )
        lines.append(f"{'To confirm' if wanted else 'If that was not you, stop it here'}:\n{link}")
    lines.append("Nobody of the desk will ever ask you for a code.")
    return EmailMessage(
        subject=subject.format_map(notice.params), body="\n\n".join(lines), to=[notice.email]
    )
