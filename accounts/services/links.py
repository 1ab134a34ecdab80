"""One-time web links: random, kept as a hash, for one person and one page, used by POST."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.enums import LinkPurpose
from accounts.models import WebLink
from audit.services import record
from core.errors import Refused
from core.roles import as_sync

LINK_VALID = timedelta(minutes=10)
# In a mail one looks when one looks.
MAIL_LINK_VALID = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What a link is for; whoever holds it may do that and nothing else."""

    id: uuid.UUID
    user_id: uuid.UUID
    purpose: str
    subject_id: uuid.UUID | None
    params: dict[str, Any] = field(default_factory=dict)


def make_link(
    *,
    user_id: uuid.UUID,
    purpose: LinkPurpose,
    now: datetime,
    subject_id: uuid.UUID | None = None,
    valid: timedelta = LINK_VALID,
    params: dict[str, Any] | None = None,
) -> str:
    """The address of a page that opens once, within `valid`, for this person."""
    token = secrets.token_urlsafe(32)
    with as_sync():
        link = WebLink(
            user_id=user_id,
            purpose=purpose,
            token_hash=_hash(token),
            subject_id=subject_id,
            params=params or {},
            expires_at=now + valid,
            created_at=now,
        )
        link.save(force_insert=True)
    # In the query: logs hold paths, and a path is what a proxy writes down.
    return f"{settings.ENVIRONMENT.public_url}/desk/link?t={token}"


def look_at_link(*, token: str, now: datetime) -> LinkFacts:
    """What the link would open, without using it up. Raises Refused (used, expired, unknown)."""
    with as_sync():
        link = _open_links(token, now).first()
    if link is None:
        raise Refused("link.not_open")
    return _facts(link)


def use_link(*, token: str, now: datetime) -> LinkFacts:
    """Use the link up; one caller of any number gets it. Raises Refused if it is not open."""
    with as_sync():
        link = _open_links(token, now).first()
        if link is None or not _open_links(token, now).update(used_at=now):
            raise Refused("link.not_open")
        record(
            action="weblink.used",
            resource=link,
            new={"purpose": link.purpose},
            user_id=link.user_id,
        )
    return _facts(link)


def _open_links(token: str, now: datetime) -> Any:
    return WebLink.objects.filter(token_hash=_hash(token), used_at__isnull=True, expires_at__gt=now)


def _facts(link: WebLink) -> LinkFacts:
    return LinkFacts(link.id, link.user_id, link.purpose, link.subject_id, dict(link.params))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
