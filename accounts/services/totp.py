"""Codes of an authenticator: enrolled once, checked with growing pauses, each used once."""

import secrets
import uuid
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from accounts.enums import NoticeKind, UserRole
from accounts.models import Authenticator, User, UserSecurity
from accounts.services.notices import notify
from accounts.services.security import (
    lock_withdrawals,
    note_past_small_limit,
    security_row,
)
from audit.services import record
from core.encryption import place_of, seal
from core.errors import Conflict, NotAllowed, NotFound, RateLimited, Refused
from core.roles import as_sync

ISSUER = "Laminator"
_DIGITS = 6
MAY_RESET = frozenset({UserRole.SUPPORT, UserRole.ADMIN})
_SECRET_BYTES = 20
# Known before the row is written: its secret is bound to it.
_NEXT_ID = "SELECT nextval(pg_get_serial_sequence('otp_totp_totpdevice', 'id'))"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that is not confirmed yet: to be scanned, or typed."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


def enrol_totp(*, user_id: uuid.UUID, asked_by: uuid.UUID) -> Enrolment:
    """A device that a first code will confirm; the same session (`asked_by`) sees the same one.

    Another session sees another: who looked at this page before the owner does not know what the
    owner enrols. Its secret is stored encrypted alone. Raises NotFound, Conflict (there is a
    confirmed one: only staff reset it), Misconfigured (no key to encrypt with).
    """
    with as_sync():
        user = _locked_user(user_id)
        if Authenticator.objects.filter(user=user, confirmed=True).exists():
            raise Conflict("security.totp_is_enrolled")
        device = Authenticator.objects.filter(user=user, confirmed=False, name=asked_by).first()
        if device is None:
            device = _new_device(user, asked_by)
    secret = b32encode(device.bin_key).decode()
    label = quote(f"{ISSUER}:{user.telegram_username or user.email or user.telegram_id}")
    query = urlencode({"secret": secret, "issuer": ISSUER})
    return Enrolment(url=f"otpauth://totp/{label}?{query}", secret=secret)


def confirm_totp(*, user_id: uuid.UUID, asked_by: uuid.UUID, code: str, now: datetime) -> None:
    """The first code confirms the device that this session was shown; all others are forgotten.

    Where more money than the small limit was here before it, and where the account is frozen,
    withdrawals are locked for a time. Raises Refused, RateLimited, Conflict, NotFound, Unavailable
    (money is on its way).
    """
    # Whoever has stolen the chat of somebody with much money here may be who brings the device.
    holds_much = import_string(settings.HOLDS_PAST_SMALL_LIMIT)(user_id)
    _raise(_verify(user_id, code, now, confirmed=False, name=str(asked_by)))
    with as_sync():
        user = _locked_user(user_id)
        others = Authenticator.objects.filter(user=user)
        shown = others.filter(confirmed=False, name=asked_by)
        if others.filter(confirmed=True).exists() or not shown.update(confirmed=True):
            raise Conflict("security.totp_is_enrolled")
        others.filter(confirmed=False).delete()
        user.two_factor_enabled = True
        user.save(update_fields=["two_factor_enabled", "updated_at"])
        if holds_much:
            note_past_small_limit(user_id=user_id, now=now)
        row = security_row(user_id)
        UserSecurity.objects.filter(pk=row.pk).update(totp_confirmed_at=now, updated_at=now)
        record(action="user.totp_enrolled", resource=user, user_id=user_id)
        # Whoever froze it without a device did not have this one to let it go again by.
        if row.past_small_limit_at is not None or user.frozen_at is not None:
            lock_withdrawals(user_id=user_id, reason="totp_enrolled_late", now=now)
        notify(user=user, kind=NoticeKind.TOTP_ENROLLED, now=now)


def check_totp(*, user_id: uuid.UUID, code: str, now: datetime) -> None:
    """Use up a code of the person's device, in whatever channel it came.

    Committed by itself: what follows may fail, and the code is still used. Wrong ones make the
    next try wait. Raises Refused (none enrolled, wrong or used), RateLimited, NotFound.
    """
    _raise(_verify(user_id, code, now, confirmed=True))


def reset_totp(*, user_id: uuid.UUID, staff_id: uuid.UUID, now: datetime) -> None:
    """Staff take a lost device away; withdrawals are locked for a time.

    Raises NotFound, NotAllowed (the role, or a device of one's own).
    """
    with as_sync():
        staff = User.objects.filter(pk=staff_id).first()
        if staff is None or not staff.is_active or staff.role not in MAY_RESET:
            raise NotAllowed("security.not_a_resetter")
        if staff_id == user_id:
            raise NotAllowed("security.own_reset")
        user = _locked_user(user_id)
        Authenticator.objects.filter(user=user).delete()
        user.two_factor_enabled = False
        user.save(update_fields=["two_factor_enabled", "updated_at"])
        row = security_row(user_id)
        UserSecurity.objects.filter(pk=row.pk).update(
            totp_confirmed_at=None, past_small_limit_at=now, updated_at=now
        )
        record(
            action="user.totp_reset",
            resource=user,
            new={"staff": str(staff_id)},
            user_id=user_id,
        )
        lock_withdrawals(user_id=user_id, reason="totp_reset", now=now)
        notify(user=user, kind=NoticeKind.TOTP_RESET, now=now)


def _new_device(user: User, asked_by: uuid.UUID) -> Authenticator:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_ID)
        (number,) = cursor.fetchone()
    device = Authenticator(id=number, user=user, name=str(asked_by), confirmed=False)
    device.key = seal(secrets.token_bytes(_SECRET_BYTES), place=place_of(device, "key"))
    device.save(force_insert=True)
    return device


def _verify(
    user_id: uuid.UUID, code: str, now: datetime, *, confirmed: bool, **which: str
) -> tuple[str, int]:
    """What became of the code, and for how long the next try has to wait.

    The device is locked: of two who bring the same code at once, one gets in.
    """
    with as_sync():
        device = (
            Authenticator.objects.select_for_update()
            .filter(user_id=user_id, confirmed=confirmed, **which)
            .first()
        )
        if device is None:
            return "none", 0
        allowed, why = device.verify_is_allowed()
        if not allowed:
            until = (why or {}).get("locked_until")
            return "wait", max(1, ceil((until - now).total_seconds())) if until else 1
        typed = code.strip().replace(" ", "")
        is_code = len(typed) == _DIGITS and typed.isascii() and typed.isdecimal()
        # Also what is no code at all counts as a try.
        return ("ok" if device.verify_token(typed if is_code else "no") else "wrong"), 0


def _raise(outcome: tuple[str, int]) -> None:
    what, wait = outcome
    if what == "none":
        raise Refused("security.totp_needed")
    if what == "wait":
        raise RateLimited("security.totp_wait", retry_after=wait)
    if what == "wrong":
        raise Refused("security.totp_wrong")


def _locked_user(user_id: uuid.UUID) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotFound("user.not_found")
    return user
