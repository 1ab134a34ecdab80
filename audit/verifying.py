"""Whether the log is whole: every row, seal, root, signature and export, in one pass."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from audit.exporting import exported_roots
from audit.hashes import BEGINNING, MISSING, root_hash, seal_hash
from audit.keys import known_keys
from audit.models import AuditRoot
from audit.services import hash_of_content
from core.roles import as_admin

# A row's own time and the moment it reached the log may differ by the clocks of machines alone.
_CLOCKS = timedelta(minutes=15)
_AT_ONCE = 5000

_SEALED = """
SELECT s.seq, s.audit_id, s.row_at, s.noted_at, s.previous, s.hash,
       l.content_hash, l.id::text, coalesce(l.actor_id::text, ''), l.action, l.resource_type,
       l.resource_id, l.old_values::text, l.new_values::text, l.channel, host(l.ip_address),
       l.user_agent, l.trace_id, l.created_at
FROM audit_seals s LEFT JOIN audit_logs l ON l.id = s.audit_id AND l.created_at = s.row_at
ORDER BY s.seq
"""
# What was put into the log around its trigger has no seal and waits for none.
_UNSEALED = """
SELECT l.id FROM audit_logs l
WHERE NOT EXISTS (SELECT FROM audit_seals s WHERE s.audit_id = l.id)
  AND NOT EXISTS (SELECT FROM audit_unsealed u WHERE u.audit_id = l.id)
ORDER BY l.created_at, l.id LIMIT 1
"""


class Verdict(NamedTuple):
    """`problem` is the first thing that is wrong, or ""."""

    rows: int
    roots: int
    exports: int
    waiting: int
    problem: str


def verify_audit(*, tell: Callable[[int], None] = lambda _: None) -> Verdict:
    """Read the log and its seals from the first one on, and name the first that is wrong.

    One consistent look (a snapshot), streamed: memory does not grow with the log. `tell` hears
    how many rows have been read. Opens the transaction itself: never call it within one.
    """
    # Read before the look at the database: what is exported was committed before.
    exports = list(exported_roots())
    counted = _Counted()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The sealer goes on meanwhile: seals and roots have to be of one moment. Ahead of the
            # door, whose own statement already fixes what the transaction sees.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with as_admin():
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM audit_unsealed")
                (waiting,) = cursor.fetchone()
            problem = next(_problems(counted, exports, tell), "")
    return Verdict(counted.rows, counted.roots, counted.exports, waiting, problem)


class _Counted:
    rows = roots = exports = 0


def _problems(
    counted: _Counted, exports: list[tuple[str, dict[str, Any]]], tell: Callable[[int], None]
) -> Iterator[str]:
    keys = known_keys()
    roots = AuditRoot.objects.order_by("batch").iterator(chunk_size=_AT_ONCE)
    root = next(roots, None)
    above, batch, leaves, previous = BEGINNING, 0, list[str](), BEGINNING
    by_batch: dict[int, str] = {}
    for values in _rows():
        seq, hashed = values[0], values[5]
        counted.rows += 1
        if seq != counted.rows:
            yield f"seal {counted.rows} is missing: after it comes {seq}"
        yield from _of_seal(values, previous)
        previous = hashed
        leaves.append(hashed)
        if root is None:
            yield f"seal {seq} (row {values[1]}) is under no root"
            return
        if seq == root.last_seq:
            yield from _of_root(root, batch, above, seq, leaves, keys)
            batch, above, leaves = root.batch, root.root, []
            by_batch[batch] = above
            counted.roots += 1
            root = next(roots, None)
        if counted.rows % _AT_ONCE == 0:
            tell(counted.rows)
    if root is not None:
        yield f"the seals of root {root.batch} are missing: from {counted.rows + 1} on"
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED)
        if stray := cursor.fetchone():
            yield f"row {stray[0]} was put into the log around its seals"
    for where, told in exports:
        counted.exports += 1
        if by_batch.get(told.get("batch", 0)) != told.get("root", ""):
            yield f"{where}: root {told.get('batch')} was exported as another, or is gone"


def _rows() -> Iterator[tuple[Any, ...]]:
    assert connection.connection is not None
    with connection.connection.cursor("audit_verify") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(_SEALED)
        yield from cursor


def _of_seal(values: tuple[Any, ...], previous: str) -> Iterator[str]:
    seq, audit_id, row_at, noted_at, linked, hashed, content, key, *rest = values
    if linked != previous:
        yield f"seal {seq} (row {audit_id}) does not follow the one before it"
    if content is None:
        expected = seal_hash(
            seq=seq, audit_id=audit_id, content=MISSING, noted_at=noted_at, previous=linked
        )
        was = "was gone before it was sealed" if hashed == expected else "is missing"
        yield f"row {audit_id} (seal {seq}) {was}"
        return
    if hash_of_content(_content(key, rest)) != content:
        yield f"row {audit_id} (seal {seq}) was altered"
    expected = seal_hash(
        seq=seq, audit_id=audit_id, content=content, noted_at=noted_at, previous=linked
    )
    if hashed != expected:
        yield f"seal {seq} does not fit row {audit_id}: one of them was altered"
    if abs(noted_at - row_at) > _CLOCKS:
        yield f"row {audit_id} (seal {seq}) says {row_at:%Y-%m-%d %H:%M} but came {noted_at:%c}"


def _content(key: str, rest: list[Any]) -> list[Any]:
    actor, action, kind, resource, old, new, *others, created_at = rest
    moment: datetime = created_at
    return [
        key, actor, action, kind, resource, _loaded(old), _loaded(new), *others,
        moment.isoformat(timespec="microseconds"),
    ]  # fmt: skip


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _of_root(
    root: AuditRoot, batch: int, above: str, last: int, leaves: list[str], keys: dict[str, Any]
) -> Iterator[str]:
    if root.batch != batch + 1 or root.previous != above:
        yield f"root {root.batch} does not follow root {batch}"
    expected = root_hash(
        batch=root.batch, first=last - len(leaves) + 1, last=last, previous=above, leaves=leaves
    )
    if root.root != expected or root.first_seq != last - len(leaves) + 1:
        yield f"root {root.batch} does not fit its seals {root.first_seq} to {root.last_seq}"
    key = keys.get(root.key_id)
    if key is None:
        yield f"root {root.batch} is signed by {root.key_id}, which is none of AUDIT_PUBLIC_KEYS"
    elif not key.has_signed(root=root.root, signature=root.signature):
        yield f"root {root.batch} has a signature that is not of {root.key_id}"
