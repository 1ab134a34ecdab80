"""The rows of Telegram's updates: received before they are acknowledged, handled after."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from numbers import Real
from typing import Any

from django.db import connection
from django.db.models import F

from bot.models import TelegramUpdate, UpdateState
from core.redis import redis
from core.roles import as_sync

RawUpdate = dict[str, Any]
# An update that could not be handled so often is set aside: it may be what brings us down.
MAX_ATTEMPTS = 3
_SEEN_SECONDS = 24 * 3600

_INSERT = """
INSERT INTO telegram_updates (update_id, telegram_id, body, state, attempts, received_at)
SELECT i, t, b, 'received', 1, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]::jsonb[]) AS seen(i, t, b)
ON CONFLICT (update_id) DO NOTHING
RETURNING update_id
"""


def _storable(value: Any) -> Any:
    """What jsonb can hold of it: no NUL, no half of a surrogate pair, no NaN.

    On the decoded text: in JSON itself, what a person typed as backslash-u0000 looks alike.
    """
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_storable(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, Real) and not math.isfinite(value):
        return None
    return value


def sender_id(update: RawUpdate) -> int | None:
    """The id of the person behind an update; None where there is none, or nothing readable."""
    for value in update.values():
        if isinstance(value, Mapping):
            sender = value.get("from")
            if isinstance(sender, Mapping) and isinstance(sender.get("id"), int):
                return int(sender["id"])
    return None


def store_updates(*, updates: Sequence[RawUpdate], now: datetime) -> set[int]:
    """Write down a batch by one statement; the ids of those that are to be handled.

    A repeat of one that is being handled, or was, is not among them.
    """
    by_id = {update["update_id"]: update for update in updates}
    rows = list(by_id.items())
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                now,
                [key for key, _ in rows],
                [sender_id(update) for _, update in rows],
                [json.dumps(_storable(update)) for _, update in rows],
            ],
        )
        new = {key for (key,) in cursor.fetchall()}
        known = by_id.keys() - new
        if known:
            left = TelegramUpdate.objects.filter(pk__in=known, state=UpdateState.RECEIVED)
            new |= set(left.values_list("pk", flat=True))
    return new


def mark_handled(*, update_ids: Collection[int], now: datetime) -> None:
    """They have been handled: a repeat of theirs does nothing."""
    with as_sync():
        left = TelegramUpdate.objects.filter(pk__in=list(update_ids), state=UpdateState.RECEIVED)
        left.update(state=UpdateState.HANDLED, handled_at=now)


def take_unhandled(*, limit: int = 500) -> tuple[list[RawUpdate], list[RawUpdate]]:
    """What an earlier process received and did not finish: (to be driven again, given up)."""
    with as_sync():
        rows = list(
            TelegramUpdate.objects.filter(state=UpdateState.RECEIVED).order_by("pk")[:limit]
        )
        TelegramUpdate.objects.filter(pk__in=[row.pk for row in rows]).update(
            attempts=F("attempts") + 1
        )
    again = [row.body for row in rows if row.attempts < MAX_ATTEMPTS]
    return again, [row.body for row in rows if row.attempts >= MAX_ATTEMPTS]


def forget_updates(*, now: datetime, older_than: timedelta = timedelta(days=30)) -> int:
    """Delete rows of handled updates that nobody asks for any more; how many there were."""
    with as_sync():
        old = TelegramUpdate.objects.filter(
            state=UpdateState.HANDLED, received_at__lt=now - older_than
        )
        return old.delete()[0]


def claim_without_database(update_ids: Sequence[int]) -> set[int]:
    """Of these, the ones seen for the first time, by Redis alone. Raises redis.RedisError."""
    pipe = redis().pipeline(transaction=False)
    for key in update_ids:
        pipe.set(_seen(key), 1, nx=True, ex=_SEEN_SECONDS)
    return {key for key, is_new in zip(update_ids, pipe.execute(), strict=True) if is_new}


def seen_without_database(update_ids: Sequence[int]) -> set[int]:
    """Of these, the ones that were handled while the database was down."""
    found = redis().mget([_seen(key) for key in update_ids]) if update_ids else []
    return {key for key, seen in zip(update_ids, found, strict=True) if seen}


def _seen(update_id: int) -> str:
    return f"bot:seen:{update_id}"
