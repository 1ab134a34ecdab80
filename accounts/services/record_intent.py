"""Write down, once and for ever, that somebody wants something done."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from accounts.models import Intent
from audit.services import record
from core.bulk import insert_rows
from core.errors import Conflict


def content_hash_of(content: dict[str, Any]) -> str:
    """SHA-256 of what is wanted, in one canonical form."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def record_intent(
    *,
    intent_id: uuid.UUID,
    user_id: uuid.UUID,
    channel: str,
    key: str,
    kind: str,
    content: dict[str, Any],
    deadline: datetime | None,
) -> tuple[Intent, bool]:
    """The intent under this key, and whether it is new; in the caller's transaction.

    The unique key in the database decides, also between two workers: the second waits for the
    first to commit and gets its row. Raises Conflict if the key was used for other content.
    """
    wanted = Intent(
        id=intent_id,
        user_id=user_id,
        channel=channel,
        idempotency_key=key,
        content_hash=content_hash_of(content),
        kind=kind,
        deadline=deadline,
    )
    if insert_rows([wanted], ignore_conflicts=True):
        record(action="intent.created", resource=wanted, new={"kind": kind} | _told(content))
        return wanted, True
    intent = Intent.objects.get(user_id=user_id, channel=channel, idempotency_key=key)
    if intent.content_hash != wanted.content_hash or intent.kind != kind:
        raise Conflict("intent.key_used_for_other_content")
    return intent, False


def find_same_intent(
    *, user_id: uuid.UUID, channel: str, key: str, kind: str, content: dict[str, Any]
) -> uuid.UUID | None:
    """The id of the act that this key stands for, or None if it was never used; takes no lock.

    In the caller's transaction. Raises Conflict if the key was used for other content.
    """
    found = (
        Intent.objects.filter(user_id=user_id, channel=channel, idempotency_key=key)
        .values_list("id", "kind", "content_hash")
        .first()
    )
    if found is None:
        return None
    intent_id, known_kind, known_hash = found
    if known_kind != kind or known_hash != content_hash_of(content):
        raise Conflict("intent.key_used_for_other_content")
    return uuid.UUID(str(intent_id))


def _told(content: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(content, default=str))
    return told
