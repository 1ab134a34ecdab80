"""Writing the log, and moving a row from state to state with its log entry."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from audit.models import AuditLog
from audit.signals import event_recorded
from core.context import current
from core.errors import Conflict

Values = Mapping[str, Any]


def record(
    *,
    action: str,
    resource: models.Model | tuple[str, object],
    old: Values | None = None,
    new: Values | None = None,
    user_id: uuid.UUID | None = None,
) -> AuditLog:
    """Append one act to the log, in the caller's transaction.

    `resource` is the row, or its type and id; `user_id` is whose row it is where nobody in
    person acts (a worker booking a fill). Sends `event_recorded`.
    """
    row = _row(action=action, resource=resource, old=old, new=new, user_id=user_id)
    row.save(force_insert=True)
    event_recorded.send(sender=AuditLog, record=row)
    return row


def record_many(
    *, action: str, resources: Iterable[tuple[models.Model, Values, Values]]
) -> list[AuditLog]:
    """Append an act on many rows, each with its values before and after, by one insert."""
    rows = [
        _row(
            action=action,
            resource=resource,
            old=old,
            new=new,
            user_id=getattr(resource, "user_id", None),
        )
        for resource, old, new in resources
    ]
    AuditLog.objects.bulk_create(rows)
    for row in rows:
        event_recorded.send(sender=AuditLog, record=row)
    return rows


def advance(
    row: models.Model,
    *,
    to: str,
    moves: Mapping[str, frozenset[str]],
    field: str = "status",
    expect: str | None = None,
    **changes: Any,
) -> bool:
    """Move `row` to another state, if the database still shows one that may move there.

    One conditional UPDATE, with `changes` to other columns; never read-modify-write. `expect`
    narrows it to one state. Returns False, with nothing written, if the row has moved on.
    Raises Conflict for a move that no state allows. Records itself in the audit log.
    """
    allowed = [state for state, targets in moves.items() if to in targets]
    if expect is not None:
        allowed = [state for state in allowed if state == expect]
    if not allowed:
        raise Conflict("state.no_such_move", to=to, field=field)
    before = {name: getattr(row, name) for name in (field, *changes)}
    model = type(row)
    changes[field] = to
    # updated_at follows the change; auto_now works in save() alone.
    names = {column.name for column in model._meta.concrete_fields}
    if "updated_at" in names and "updated_at" not in changes:
        changes["updated_at"] = timezone.now()
    rows = model._default_manager.filter(pk=row.pk, **{f"{field}__in": allowed})
    if not rows.update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    record(
        action=f"{model._meta.model_name}.{to}",
        resource=row,
        old=readable(before),
        new=readable({name: changes[name] for name in before}),
        user_id=getattr(row, "user_id", None),
    )
    return True


def readable(values: Values) -> dict[str, Any]:
    """The values as JSON holds them; bytes by their length alone."""
    plain = {
        name: f"{len(value)} bytes" if isinstance(value, bytes | memoryview) else value
        for name, value in values.items()
    }
    loaded: dict[str, Any] = json.loads(json.dumps(plain, cls=_Encoder))
    return loaded


class _Encoder(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        if isinstance(value, models.Model):
            return str(value.pk)
        return super().default(value)


def content_hash(row: AuditLog) -> str:
    """SHA-256 over what the row says; the columns that the database may change are left out."""
    content = [
        str(row.id), str(row.actor_id or ""), row.action, row.resource_type, row.resource_id,
        row.old_values, row.new_values, row.channel, row.ip_address, row.user_agent, row.trace_id,
        row.created_at.isoformat(timespec="microseconds"),
    ]  # fmt: skip
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _row(
    *,
    action: str,
    resource: models.Model | tuple[str, object],
    old: Values | None,
    new: Values | None,
    user_id: uuid.UUID | None,
) -> AuditLog:
    if isinstance(resource, models.Model):
        resource_type, resource_id = resource._meta.db_table, resource.pk
    else:
        resource_type, resource_id = resource
    context = current()
    row = AuditLog(
        user_id=context.actor_id or user_id,
        actor_id=context.actor_id,
        action=action,
        resource_type=resource_type,
        resource_id=str(resource_id),
        old_values=old,
        new_values=new,
        channel=context.channel,
        ip_address=context.ip_address,
        user_agent=context.user_agent,
        trace_id=context.trace_id,
        created_at=_now(),
    )
    row.content_hash = content_hash(row)
    return row


def _now() -> datetime:
    return timezone.now()
