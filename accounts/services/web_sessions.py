"""Sessions of the web pages: apart from the back office's, ended by time or by the person."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.enums import Channel, UserStatus
from accounts.models import UserSession
from audit.services import record
from core.errors import NotFound
from core.roles import as_sync, as_user

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=24)
_TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    id: uuid.UUID
    user_id: uuid.UUID
    ip_address: str | None
    user_agent: str
    created_at: datetime
    last_activity: datetime


def open_session(
    *, user_id: uuid.UUID, ip_address: str | None, user_agent: str, now: datetime
) -> str:
    """A new session; what its cookie is to hold, of which only a hash is kept."""
    token = secrets.token_urlsafe(32)
    with as_user(user_id):
        UserSession(
            user_id=user_id,
            channel=Channel.WEB,
            ip_address=ip_address,
            user_agent=user_agent[:400],
            token_hash=_hash(token),
            last_activity=now,
            created_at=now,
        ).save(force_insert=True)
    return token


def find_session(*, token: str, now: datetime) -> SessionFacts | None:
    """Whose session this is, if it is still one; its idle time begins anew."""
    if not token:
        return None
    with as_sync():
        row = (
            UserSession.objects.filter(
                token_hash=_hash(token),
                revoked_at__isnull=True,
                last_activity__gt=now - IDLE,
                created_at__gt=now - LONGEST,
            )
            .exclude(user__status__in=[UserStatus.BANNED, UserStatus.CLOSED])
            .first()
        )
        if row is None:
            return None
        if row.last_activity < now - _TOUCH:
            UserSession.objects.filter(pk=row.pk).update(last_activity=now)
    return _facts(row)


def list_sessions(*, user_id: uuid.UUID, now: datetime) -> tuple[SessionFacts, ...]:
    """The person's open sessions, newest first."""
    with as_user(user_id):
        rows = UserSession.objects.filter(
            user_id=user_id,
            token_hash__isnull=False,
            revoked_at__isnull=True,
            last_activity__gt=now - IDLE,
            created_at__gt=now - LONGEST,
        ).order_by("-created_at")[:50]
        return tuple(map(_facts, rows))


def revoke_session(*, user_id: uuid.UUID, session_id: uuid.UUID, now: datetime) -> None:
    """End a session at once. Raises NotFound for another's."""
    with as_user(user_id):
        rows = UserSession.objects.filter(pk=session_id, user_id=user_id)
        row = rows.first()
        if row is None:
            raise NotFound("session.not_found")
        if rows.filter(revoked_at__isnull=True).update(revoked_at=now):
            record(action="usersession.revoked", resource=row, user_id=user_id)


def _facts(row: UserSession) -> SessionFacts:
    return SessionFacts(
        row.id, row.user_id, row.ip_address, row.user_agent or "", row.created_at, row.last_activity
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
