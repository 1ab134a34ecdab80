"""Let a Telegram user in: made at the first sight, kept up to date after."""

from datetime import datetime

from django.db.models import Q

from accounts.facts import UserFacts, user_facts
from accounts.models import User
from accounts.services.settings import read_settings
from audit.services import record
from core.context import acting_in
from core.roles import as_sync
from core.uuid7 import uuid7


def enter_telegram_user(
    *,
    telegram_id: int,
    username: str | None,
    first_name: str | None,
    last_name: str | None,
    now: datetime,
) -> tuple[UserFacts, bool]:
    """The person behind a Telegram id, and whether they are new.

    Race-free: two first messages at once make one row (the unique key decides). Makes no wallet.
    `last_active` moves at most once a minute.
    """
    names = {
        "telegram_username": username,
        "telegram_first_name": first_name,
        "telegram_last_name": last_name,
    }
    made = User(id=uuid7(), telegram_id=telegram_id, created_at=now, last_active=now, **names)
    with as_sync():
        User.objects.bulk_create([made], ignore_conflicts=True)
        user = User.objects.get(telegram_id=telegram_id)
        is_new = user.id == made.id
        if is_new:
            with acting_in(actor_id=user.id):
                record(
                    action="user.created",
                    resource=user,
                    new={"telegram_id": telegram_id, **names},
                )
        elif any(getattr(user, name) != value for name, value in names.items()):
            for name, value in names.items():
                setattr(user, name, value)
            with acting_in(actor_id=user.id):
                user.save(update_fields=[*names, "updated_at"])
        stale = Q(last_active__lt=now.replace(second=0, microsecond=0))
        User.objects.filter(stale, pk=user.pk).update(last_active=now)
    return user_facts(user, read_settings(user_id=user.id)), is_new
