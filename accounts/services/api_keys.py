"""Keys for programs: made with a second factor, shown once, looked up before anybody is known."""

import hmac
import secrets
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.enums import API_KEY_MOVES, ApiKeyStatus, ApiScope, NoticeKind, UserStatus
from accounts.models import User, UserApiKey
from accounts.services.notices import notify
from audit.services import advance
from core.errors import NotAllowed, NotFound, Refused
from core.roles import as_user
from core.uuid7 import uuid7

MAX_LIVE_KEYS = 20
_PREFIX = "lmk_"
_ANONYMOUS = uuid.UUID(int=0)
_NO_SECRET = "0" * 64
_USED_AT_MOST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiKeyFacts:
    """A key without its secret."""

    id: uuid.UUID
    name: str
    key: str
    scopes: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    status: str
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who came with a key whose secret was right."""

    key_id: uuid.UUID
    key_name: str
    user_id: uuid.UUID
    scopes: frozenset[str]


def create_api_key(
    *,
    user_id: uuid.UUID,
    name: str,
    scopes: Iterable[str],
    allowed_ips: Iterable[str],
    expires_at: datetime | None,
    code: str,
    check_code: Callable[..., None],
    now: datetime,
) -> tuple[ApiKeyFacts, str]:
    """A new key and the whole `key.secret`, which nobody can show again.

    `check_code(user_id=, code=, now=)` uses up a code of the person's authenticator, or raises.
    Everything else is checked before, so that no code is spent on a request that cannot succeed.
    Raises Refused, and NotFound for nobody.
    """
    wanted = sorted(set(scopes))
    networks = [_network(text) for text in allowed_ips]
    _check(name, wanted, expires_at, now)
    secret = secrets.token_urlsafe(32)
    check_code(user_id=user_id, code=code, now=now)
    with as_user(user_id):
        # The person's row is locked: two at once must not both find room for the last key.
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None:
            raise NotFound("user.not_found")
        live = UserApiKey.objects.filter(user_id=user_id, status=ApiKeyStatus.ACTIVE)
        if live.count() >= MAX_LIVE_KEYS:
            raise Refused("api.too_many_keys", maximum=MAX_LIVE_KEYS)
        row = UserApiKey(
            id=uuid7(),
            user_id=user_id,
            key_name=name.strip(),
            api_key=_PREFIX + secrets.token_hex(12),
            api_secret_hash=_hash(secret),
            permissions=wanted,
            allowed_ips=networks,
            expires_at=expires_at,
            created_at=now,
        )
        row.save(force_insert=True)
        notify(user=user, kind=NoticeKind.API_KEY, params={"name": row.key_name}, now=now)
    return _facts(row, now), f"{row.api_key}.{secret}"


def list_api_keys(*, user_id: uuid.UUID, now: datetime) -> tuple[ApiKeyFacts, ...]:
    """The person's keys, newest first, revoked ones too."""
    with as_user(user_id):
        rows = list(UserApiKey.objects.filter(user_id=user_id).order_by("-id"))
    return tuple(_facts(row, now) for row in rows)


def revoke_api_key(*, user_id: uuid.UUID, key_id: uuid.UUID, now: datetime) -> ApiKeyFacts:
    """End a key at once; doing it again changes nothing. Raises NotFound, also for another's."""
    with as_user(user_id):
        row = UserApiKey.objects.filter(pk=key_id, user_id=user_id).first()
        if row is None:
            raise NotFound("api.key_not_found")
        if row.status != ApiKeyStatus.REVOKED:
            advance(row, to=ApiKeyStatus.REVOKED, moves=API_KEY_MOVES)
            row.refresh_from_db()
    return _facts(row, now)


def access_api_key(*, presented: str, address: str | None, now: datetime) -> KeyHolder:
    """Who a presented `key.secret` belongs to, looked up afresh each time: a revoked key is dead.

    `last_used_at` moves at most once a minute. Raises NotAllowed: api.key_unknown (also for a
    wrong secret), api.key_revoked, api.key_expired, api.address_not_allowed, user.not_active.
    """
    key, _, secret = presented.partition(".")
    found = _look_up(key) if key.startswith(_PREFIX) and len(presented) < 200 else None
    # An unknown key costs as much time as a wrong secret.
    known = found[3] if found else _NO_SECRET
    if not hmac.compare_digest(_hash(secret), known) or found is None:
        raise NotAllowed("api.key_unknown")
    key_id, user_id, name, _, scopes, allowed, expires_at, used_at, status, user_status = found
    if status == ApiKeyStatus.REVOKED:
        raise NotAllowed("api.key_revoked")
    if status == ApiKeyStatus.EXPIRED or (expires_at is not None and expires_at <= now):
        raise NotAllowed("api.key_expired")
    if allowed and not _is_within(address, allowed):
        raise NotAllowed("api.address_not_allowed")
    if user_status in (UserStatus.SUSPENDED, UserStatus.BANNED, UserStatus.CLOSED):
        raise NotAllowed("user.not_active", status=user_status)
    if used_at is None or used_at <= now - _USED_AT_MOST_EVERY:
        _note_use(user_id, key_id, now)
    return KeyHolder(key_id=key_id, key_name=name, user_id=user_id, scopes=frozenset(scopes))


def _look_up(key: str) -> tuple[Any, ...] | None:
    if not key.isascii() or "\x00" in key:
        return None
    with as_user(_ANONYMOUS), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM desk_api_key(%s)", [key])
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found


def _note_use(user_id: uuid.UUID, key_id: uuid.UUID, now: datetime) -> None:
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _USED_AT_MOST_EVERY)
    with as_user(user_id):
        UserApiKey.objects.filter(stale, pk=key_id).update(last_used_at=now)


def _check(name: str, scopes: list[str], expires_at: datetime | None, now: datetime) -> None:
    if not (1 <= len(name.strip()) <= 60 and name.isprintable()):
        raise Refused("api.name_invalid")
    if not scopes:
        raise Refused("api.scopes_missing")
    for scope in scopes:
        if scope not in ApiScope.values:
            raise Refused("api.scope_unknown", scope=scope[:40])
    if expires_at is not None and expires_at <= now:
        raise Refused("api.expiry_past")


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError as error:
        raise Refused("api.network_invalid", address=text[:60]) from error


def _is_within(address: str | None, allowed: list[str]) -> bool:
    """An address that is not known is within nothing."""
    if address is None:
        return False
    found = ip_address(address)
    return any(found in ip_network(network, strict=False) for network in allowed)


def _hash(secret: str) -> str:
    """Plain SHA-256: a secret of 256 random bits needs no slow hash."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def _facts(row: UserApiKey, now: datetime) -> ApiKeyFacts:
    past = row.expires_at is not None and row.expires_at <= now
    is_expired = past and row.status == ApiKeyStatus.ACTIVE
    return ApiKeyFacts(
        id=row.id,
        name=row.key_name,
        key=row.api_key,
        scopes=tuple(row.permissions),
        allowed_ips=tuple(row.allowed_ips),
        status=ApiKeyStatus.EXPIRED if is_expired else row.status,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        created_at=row.created_at,
    )
