"""Writing the log, and moving a row from state to state with its log entry."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils import timezone

from audit.models import AuditLog
from audit.signals import event_recorded
from core.bulk import insert_rows
from core.context import current
from core.errors import Conflict
from core.redaction import HIDDEN, is_hidden, without_secrets

Values = Mapping[str, Any]
# Where a connection keeps the rows that wait for the end of `recorded_at_once`.
_WAITING = "desk_waiting_acts"


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
    _append([row])
    return row


@contextmanager
def recorded_at_once() -> Iterator[None]:
    """Write what is recorded within the block by one insert at its end.

    For a service that lets each exception go on to its caller: of what a savepoint took back
    inside, the log would tell all the same.
    """
    if getattr(connection, _WAITING, None) is not None:
        yield
        return
    waiting: list[AuditLog] = []
    setattr(connection, _WAITING, waiting)
    try:
        yield
    finally:
        setattr(connection, _WAITING, None)
    _append(waiting)


def _append(rows: Sequence[AuditLog]) -> None:
    waiting: list[AuditLog] | None = getattr(connection, _WAITING, None)
    if waiting is not None:
        waiting.extend(rows)
    elif rows:
        insert_rows(rows)
        event_recorded.send(sender=AuditLog, records=rows)


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
    _append(rows)
    return rows


def audited_values(instance: models.Model) -> dict[str, Any]:
    """The columns of a row that the log shows; KeyError for a model that is not in it."""
    return {
        name: getattr(instance, attribute) for name, attribute in _audited_columns(type(instance))
    }


@cache
def _audited_columns(model: type[models.Model]) -> list[tuple[str, str]]:
    left_out = settings.AUDITED_MODELS[model._meta.label]
    return [
        (field.name, field.attname)
        for field in model._meta.concrete_fields
        if field.name not in left_out and not field.generated
    ]


def record_saves(
    *, created: Sequence[models.Model] = (), changed: Sequence[tuple[models.Model, Values]] = ()
) -> None:
    """Log rows that were written in bulk, as single saves would be; by one insert.

    Beside each changed row stand its `audited_values` before; one that shows no change is left
    out. Sends `event_recorded`.
    """
    entries = [
        _row(
            action=f"{row._meta.model_name}.created",
            resource=row,
            old=None,
            new=audited_values(row),
            user_id=getattr(row, "user_id", None),
        )
        for row in created
    ]
    for row, old in changed:
        new = {name: value for name, value in audited_values(row).items() if value != old[name]}
        if new:
            entries.append(
                _row(
                    action=f"{row._meta.model_name}.changed",
                    resource=row,
                    old={name: old[name] for name in new},
                    new=new,
                    user_id=getattr(row, "user_id", None),
                )
            )
    _append(entries)


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

    One conditional UPDATE, with `changes` to other columns (plain values); never
    read-modify-write. `expect` narrows it to one state. Returns False, with nothing written, if
    the row has moved on. Raises Conflict for a move that no state allows. Records itself in the
    audit log.
    """
    allowed = {state for state, targets in moves.items() if to in targets}
    if expect is not None:
        allowed &= {expect}
    if not allowed:
        raise Conflict("state.no_such_move", to=to, field=field)
    before = {name: getattr(row, name) for name in (field, *changes)}
    changes[field] = to
    # updated_at follows the change; auto_now works in save() alone.
    names = {column.name for column in row._meta.concrete_fields}
    if "updated_at" in names and "updated_at" not in changes:
        changes["updated_at"] = timezone.now()
    rows = type(row)._default_manager.filter(pk=row.pk)
    # From the state that the caller knows first, as then what the log says of before is so.
    if not rows.filter(**{field: before[field]}, **{f"{field}__in": allowed}).update(**changes):
        moved_on = rows.filter(**{f"{field}__in": allowed}).select_for_update(no_key=True)
        stored = moved_on.values(*before).first()
        if stored is None:
            return False
        before = stored
        rows.update(**changes)
    for name, value in changes.items():
        setattr(row, name, value)
    record(
        action=f"{row._meta.model_name}.{to}",
        resource=row,
        old=before,
        new={name: changes[name] for name in before},
        user_id=getattr(row, "user_id", None),
    )
    return True


def readable(values: Values) -> dict[str, Any]:
    """The values as JSON holds them, without secrets; bytes by their length alone."""
    return {name: _told(name, value) for name, value in values.items()}


def _told(name: str, value: Any) -> Any:
    kind = type(value)
    told: Any
    if value is None or kind is bool or kind is int:
        told = value
    elif kind in _NEVER_SECRET:
        told = _ENCODER.default(value) if kind is datetime else str(value)
        return HIDDEN if is_hidden(name, told) else told
    elif isinstance(value, bytes | memoryview):
        told = f"{len(value)} bytes"
    else:
        # A text of an enumeration is a plain one from here on.
        told = str.__str__(value) if isinstance(value, str) else json.loads(_ENCODER.encode(value))
    return HIDDEN if is_hidden(name, told) else without_secrets(told)


class _Encoder(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        if isinstance(value, models.Model):
            return str(value.pk)
        if isinstance(value, ZoneInfo):
            return str(value)
        return super().default(value)


_ENCODER = _Encoder()
# By far the most columns: they are no texts that somebody wrote.
_NEVER_SECRET = frozenset({Decimal, uuid.UUID, datetime})
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(row: AuditLog) -> str:
    """SHA-256 over what the row says; the columns that the database may change are left out."""
    content = [
        str(row.id), str(row.actor_id or ""), row.action, row.resource_type, row.resource_id,
        row.old_values, row.new_values, row.channel, _readable_address(row.ip_address),
        row.user_agent, row.trace_id,
        row.created_at.isoformat(timespec="microseconds"),
    ]  # fmt: skip
    return hash_of_content(content)


def hash_of_content(content: list[Any]) -> str:
    """SHA-256 of the content in its one canonical form."""
    return hashlib.sha256(_CANONICAL.encode(content).encode()).hexdigest()


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
        old_values=None if old is None else readable(old),
        new_values=None if new is None else readable(new),
        channel=context.channel,
        ip_address=_readable_address(context.ip_address),
        user_agent=context.user_agent,
        trace_id=context.trace_id,
        created_at=timezone.now(),
    )
    row.content_hash = content_hash(row)
    return row


def _readable_address(text: str | None) -> str | None:
    """The address in its one canonical form, as the database gives it back; None for no address.

    What a proxy makes of an address must not keep an act from being recorded.
    """
    if not text:
        return None
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None
