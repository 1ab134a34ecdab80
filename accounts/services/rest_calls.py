"""The same Idempotency-Key with the same body is the same request; with another, a mistake."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from redis.exceptions import RedisError

from accounts.enums import Channel
from accounts.services.find_intent import find_intent
from accounts.services.record_intent import content_hash_of
from audit.services import record
from core.errors import Conflict, OutcomeUnknown, Refused
from core.roles import as_sync, as_user
from core.uuid7 import uuid7

T = TypeVar("T")
MAX_KEY_LENGTH = 128
# Longer than any act takes whose worker lives; quotes ask the network within it.
_LEASE = timedelta(seconds=60)
# One statement decides: a new key, a repeat whose first worker is gone, or one under way.
_CLAIM = """
INSERT INTO rest_calls AS c (id, user_id, idempotency_key, body_hash, running, running_until,
                             created_at)
VALUES (%(id)s, %(user)s, %(key)s, %(hash)s, %(id)s, %(until)s, %(now)s)
ON CONFLICT (user_id, idempotency_key) DO UPDATE
SET running = CASE WHEN c.running IS NULL OR c.running_until <= %(now)s
                   THEN EXCLUDED.running ELSE c.running END,
    running_until = CASE WHEN c.running IS NULL OR c.running_until <= %(now)s
                         THEN EXCLUDED.running_until ELSE c.running_until END
RETURNING body_hash, running, created_at
"""
# The keys rise with time, so the oldest rows are found without a look at the others.
_FORGET = """
DELETE FROM rest_calls WHERE id IN (
  SELECT id FROM rest_calls WHERE created_at < %s AND (running IS NULL OR running_until < %s)
  ORDER BY id LIMIT %s
)
"""
_AT_ONCE = 5000
# Clocks of machines differ by less.
_SURELY_BEFORE = timedelta(days=1)
_RELEASE = "UPDATE rest_calls SET running = NULL WHERE user_id = %s AND running = %s"


def act_once(
    *,
    user_id: uuid.UUID,
    key: str | None,
    request: dict[str, Any],
    act: Callable[[str], T],
    read_again: Callable[[uuid.UUID], T],
    now: datetime,
) -> T:
    """Carry out `act(key)`, or read what it once led to, whatever was asked and how often.

    `request` is what the caller sent (its address and its body, without one-time codes). The
    intent under (user, "rest", key) is the truth of what was done; the row here only tells bodies
    apart and callers that they are too early. A refused act leaves no intent, so that its key may
    be tried again. Raises Refused (key missing, hostile, of another body, or used long ago),
    Conflict (in flight), OutcomeUnknown where a server broke off within, and what `act` raises.
    """
    checked, claim = check_key(key), uuid7()
    is_ours, known_since = _claim(user_id, checked, content_hash_of(request), claim, now)
    if not is_ours:
        raise Conflict("request.in_flight", retry_after=1)
    try:
        before = find_intent(user_id=user_id, channel=Channel.REST, key=checked)
        if before is not None and before.created_at < known_since - _SURELY_BEFORE:
            # Which body it stood for has been forgotten; that it was used never is.
            raise Refused("request.key_spent")
        return act(checked) if before is None else read_again(before.id)
    except (OperationalError, InterfaceError) as error:
        raise OutcomeUnknown("database.lost") from error
    except RedisError as error:
        raise OutcomeUnknown("redis.lost") from error
    except Conflict as error:
        if error.code != "intent.key_used_for_other_content":
            raise
        # A worker whose lease had run out was slow, not dead: it has acted meanwhile.
        raise Conflict("request.in_flight", retry_after=1) from error
    finally:
        _release(user_id, claim)


def check_key(key: str | None) -> str:
    """The header's text, if it can be a key. Raises Refused."""
    if key is None or key == "":
        raise Refused("request.key_missing")
    if len(key) > MAX_KEY_LENGTH or not all("!" <= letter <= "~" for letter in key):
        raise Refused("request.key_invalid")
    return key


def forget_calls(*, now: datetime) -> dict[str, int]:
    """Delete the rows of requests that nobody repeats any more; their intents stay for ever."""
    before, forgotten = now - timedelta(days=settings.ENVIRONMENT.rest_call_days), 0
    while True:
        with as_sync(), connection.cursor() as cursor:
            cursor.execute(_FORGET, [before, now, _AT_ONCE])
            count = cursor.rowcount
            if count:
                record(
                    action="restcall.forgotten",
                    resource=("rest_calls", before.date()),
                    new={"rows": count, "before": before},
                )
        forgotten += count
        if count < _AT_ONCE:
            return {"forgotten": forgotten}


def _claim(
    user_id: uuid.UUID, key: str, body_hash: str, claim: uuid.UUID, now: datetime
) -> tuple[bool, datetime]:
    """Whether it is this caller's to work on, and since when the key is known here."""
    values: dict[str, Any] = {
        "id": claim, "user": user_id, "key": key, "hash": body_hash, "until": now + _LEASE,
        "now": now,
    }  # fmt: skip
    with as_user(user_id), connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        known_hash, running, created_at = cursor.fetchone()
        if known_hash != body_hash:
            raise Refused("request.key_used")
    return running == claim, created_at


def _release(user_id: uuid.UUID, claim: uuid.UUID) -> None:
    """Best effort: a claim that is left behind ends by itself."""
    try:
        with as_user(user_id), connection.cursor() as cursor:
            cursor.execute(_RELEASE, [user_id, claim])
    except (OperationalError, InterfaceError):
        connection.close()
