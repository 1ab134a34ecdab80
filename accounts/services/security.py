"""Locks on a person's withdrawals, and what the pages say of their safety."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest

from accounts.models import User, UserSecurity
from audit.services import record
from core.errors import NotFound, Refused
from core.roles import as_user


@dataclass(frozen=True, slots=True)
class SecurityFacts:
    """How a person's account is guarded."""

    has_totp: bool
    email: str | None
    withdrawals_locked_until: datetime | None
    lock_reason: str
    trading_state: str
    status: str
    is_frozen: bool


def read_security(*, user_id: uuid.UUID, now: datetime) -> SecurityFacts:
    """Raises NotFound."""
    with as_user(user_id):
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            raise NotFound("user.not_found")
        row = UserSecurity.objects.filter(user_id=user_id).first()
    locked = row.withdrawals_locked_until if row else None
    if locked is not None and locked <= now:
        locked = None
    return SecurityFacts(
        has_totp=user.two_factor_enabled,
        email=user.email,
        withdrawals_locked_until=locked,
        lock_reason=row.lock_reason if row and locked else "",
        trading_state=user.trading_state,
        status=user.status,
        is_frozen=user.frozen_at is not None,
    )


def lock_withdrawals(*, user_id: uuid.UUID, reason: str, now: datetime) -> None:
    """In the caller's transaction: from now on for the set time; a longer lock stays."""
    until = now + timedelta(hours=settings.ENVIRONMENT.security_lock_hours)
    row = security_row(user_id)
    UserSecurity.objects.filter(pk=row.pk).update(
        withdrawals_locked_until=Greatest(Coalesce(F("withdrawals_locked_until"), until), until),
        lock_reason=reason,
        updated_at=now,
    )
    record(
        action="usersecurity.locked",
        resource=row,
        new={"withdrawals_locked_until": until, "lock_reason": reason},
        user_id=user_id,
    )


def require_unlocked(*, user_id: uuid.UUID, now: datetime) -> None:
    """Raises Refused while the person's withdrawals are locked."""
    with as_user(user_id):
        refuse_if_locked(user_id=user_id, now=now)


def refuse_if_locked(*, user_id: uuid.UUID, now: datetime) -> None:
    """The same in the caller's transaction, whoever it acts as."""
    row = UserSecurity.objects.filter(user_id=user_id, withdrawals_locked_until__gt=now).first()
    if row is not None and row.withdrawals_locked_until is not None:
        until = row.withdrawals_locked_until
        raise Refused("security.withdrawals_locked", until=f"{until:%Y-%m-%d %H:%M} UTC")


def note_past_small_limit(*, user_id: uuid.UUID, now: datetime) -> None:
    """In the caller's transaction: this person holds more than goes without a second factor."""
    row = security_row(user_id)
    UserSecurity.objects.filter(pk=row.pk, past_small_limit_at__isnull=True).update(
        past_small_limit_at=now, updated_at=now
    )


def security_row(user_id: uuid.UUID) -> UserSecurity:
    """The person's row, made if missing; in the caller's transaction."""
    UserSecurity.objects.bulk_create([UserSecurity(user_id=user_id)], ignore_conflicts=True)
    return UserSecurity.objects.get(user_id=user_id)
