"""The way to a person, by their id or by how they came in."""

import uuid

from django.db import connection

from accounts.enums import UserStatus
from accounts.facts import UserFacts, user_facts
from accounts.models import User
from accounts.services.settings import read_settings
from core.errors import NotAllowed, NotFound
from core.roles import as_nobody, as_user


def find_user_by_telegram(*, telegram_id: int) -> uuid.UUID | None:
    """The id behind a Telegram id; the one question that is asked before anybody is known."""
    with as_nobody(), connection.cursor() as cursor:
        cursor.execute("SELECT desk_user_by_telegram(%s)", (telegram_id,))
        found: uuid.UUID | None = cursor.fetchone()[0]
    return found


def access_user(*, user_id: uuid.UUID) -> UserFacts:
    """A person who may use the desk. Raises NotFound, NotAllowed (suspended, banned, closed)."""
    with as_user(user_id):
        user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound("user.not_found")
    if user.status in (UserStatus.SUSPENDED, UserStatus.BANNED, UserStatus.CLOSED):
        raise NotAllowed("user.not_active", status=user.status)
    return user_facts(user, read_settings(user_id=user_id))
