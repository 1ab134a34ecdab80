"""Seal what has been committed to the log, and tell how long anything waits for it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from audit.hashes import BEGINNING, MISSING, SigningKey, root_hash, seal_hash
from audit.keys import signing_key
from audit.models import AuditRoot, AuditSeal, UnsealedAudit
from core.logs import get_logger
from core.roles import as_sync

log = get_logger("desk.audit")

# Waiting longer than this is an alarm.
LONGEST_UNSEALED = timedelta(seconds=10)
_BATCH = 5000
# Any number that no other advisory lock of the desk has.
_SEALING = 7_301_561

# Only what has been committed is seen here, in whatever order it was.
_TAKE = """
WITH taken AS (
  DELETE FROM audit_unsealed WHERE audit_id IN (
    SELECT audit_id FROM audit_unsealed ORDER BY noted_at, audit_id LIMIT %s
  ) RETURNING audit_id, row_at, noted_at
)
SELECT t.audit_id, t.row_at, t.noted_at, l.content_hash
FROM taken t LEFT JOIN audit_logs l ON l.id = t.audit_id AND l.created_at = t.row_at
WHERE NOT EXISTS (SELECT FROM audit_seals s WHERE s.audit_id = t.audit_id)
ORDER BY t.noted_at, t.audit_id
"""


def seal_audit(*, now: datetime) -> dict[str, Any]:
    """Seal all that waits, batch by batch; each batch is one transaction.

    Two sealers at once take turns: the second finds the lock held and seals nothing. One that is
    killed leaves its batch waiting. Raises Misconfigured (no signing key).
    """
    key, sealed = signing_key(), 0
    waited = unsealed_age(now=now)
    if waited > LONGEST_UNSEALED:
        log.error("audit rows waited for their seal", seconds=waited.total_seconds())
    while True:
        count = _seal_batch(key, now)
        sealed += count
        if count < _BATCH:
            return {"sealed": sealed}


def unsealed_age(*, now: datetime) -> timedelta:
    """How long the oldest row has been waiting."""
    with as_sync():
        oldest = (
            UnsealedAudit.objects.order_by("noted_at").values_list("noted_at", flat=True).first()
        )
    return max(now - oldest, timedelta(0)) if oldest else timedelta(0)


def _seal_batch(key: SigningKey, now: datetime) -> int:
    with as_sync():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALING])
            if cursor.fetchone() != (True,):
                return 0
            cursor.execute(_TAKE, [_BATCH])
            rows = cursor.fetchall()
        if not rows:
            return 0
        last = AuditSeal.objects.order_by("-seq").first()
        before = AuditRoot.objects.order_by("-batch").first()
        seq, previous = (last.seq, last.hash) if last else (0, BEGINNING)
        first, seals = seq + 1, []
        for audit_id, row_at, noted_at, content in rows:
            seq += 1
            hashed = seal_hash(
                seq=seq, audit_id=audit_id, content=content or MISSING, noted_at=noted_at,
                previous=previous,
            )  # fmt: skip
            seals.append(
                AuditSeal(
                    seq=seq, audit_id=audit_id, row_at=row_at, noted_at=noted_at,
                    previous=previous, hash=hashed,
                )
            )  # fmt: skip
            previous = hashed
        batch = before.batch + 1 if before else 1
        above = before.root if before else BEGINNING
        root = root_hash(
            batch=batch, first=first, last=seq, previous=above,
            leaves=[seal.hash for seal in seals],
        )  # fmt: skip
        AuditSeal.objects.bulk_create(seals, batch_size=1000)
        AuditRoot(
            batch=batch, first_seq=first, last_seq=seq, previous=above, root=root,
            signature=key.sign(root), key_id=key.public.id, sealed_at=now,
        ).save(force_insert=True)  # fmt: skip
    return len(rows)
