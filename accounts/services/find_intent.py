"""What became of a key, and by which key an act came in."""

import uuid
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from accounts.models import Intent
from core.roles import as_user


class IntentFacts(NamedTuple):
    """An act that was asked for; its id is its subject's."""

    id: uuid.UUID
    kind: str
    channel: str
    key: str
    created_at: datetime


def find_intent(*, user_id: uuid.UUID, channel: str, key: str) -> IntentFacts | None:
    """The act that this key stands for, if it was ever placed."""
    with as_user(user_id):
        rows = Intent.objects.filter(user_id=user_id, channel=channel, idempotency_key=key)
        return _first(rows)


def find_intent_of(*, user_id: uuid.UUID, subject_id: uuid.UUID) -> IntentFacts | None:
    """The act behind an order or a transfer; None for what was made elsewhere."""
    with as_user(user_id):
        return _first(Intent.objects.filter(pk=subject_id, user_id=user_id))


def _first(rows: QuerySet[Intent]) -> IntentFacts | None:
    found = rows.values_list("id", "kind", "channel", "idempotency_key", "created_at").first()
    return IntentFacts(*found) if found else None
