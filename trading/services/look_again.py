"""A person who wants to see their venue accounts as they are by now."""

import uuid
from datetime import datetime

from django.db import transaction

from core.roles import as_user
from trading.models import VenueAccount
from trading.venues.base import open_venues


def look_again(*, user_id: uuid.UUID, now: datetime) -> int:
    """Have each of the person's venue accounts looked at at once; how many there are.

    Asks no network: workers look. Doing it again asks for one look more, and changes nothing.
    """
    from trading.tasks import reconcile

    keys = [venue.deployment for venue in open_venues()]
    with as_user(user_id):
        mine = VenueAccount.objects.filter(wallet__user_id=user_id, deployment__in=keys)
        ids = list(mine.values_list("pk", flat=True))
        VenueAccount.objects.filter(pk__in=ids).update(wanted_at=now)
        for account_id in ids:
            transaction.on_commit(lambda key=account_id: reconcile.delay(str(key)), robust=True)  # type: ignore[misc]
    return len(ids)
