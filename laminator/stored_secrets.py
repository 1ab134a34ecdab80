"""Secrets at rest over all their columns: under which keys they are, and moving them to the newest.

A secret's row is changed only while it still holds what was read, so that two rotations at once, or
one beside a person who types a code, never write over each other; each batch is one transaction,
and one that is killed has moved whole batches.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import models

from audit.services import record
from core.encryption import KeyRing, Place, key_ring, prefix_of
from core.errors import Misconfigured
from core.roles import as_sync

# In place of the name of a key: a text that no key of ours has made.
UNREADABLE = "none"


class Moved(NamedTuple):
    """What a rotation did: rows moved to the newest key, and those that cannot be read."""

    rows: int
    unreadable: tuple[str, ...]


class _Column(NamedTuple):
    model: type[models.Model]
    field: str
    table: str
    name: str


def rotate_secrets(*, batch: int, tell: Callable[[str, int], None]) -> Moved:
    """Encrypt whatever is not under the newest key anew; repeating it changes nothing.

    `tell` hears the table and how many of its rows were moved, after each batch. Rows that cannot
    be read stay as they are and are named. Raises Misconfigured (no keys).
    """
    ring, moved, unreadable = key_ring(), 0, list[str]()
    for column in _columns():
        done, after = 0, None
        while True:
            rows, after = _move_batch(ring, column, after, batch, unreadable)
            done += rows
            if after is None:
                break
            tell(column.table, done)
        moved += done
    return Moved(moved, tuple(unreadable))


def count_by_key() -> dict[str, int]:
    """How many secrets each key holds, by the key's short name."""
    counted: Counter[str] = Counter()
    with as_sync():
        for column in _columns():
            for text in column.model._default_manager.values_list(column.field, flat=True):
                version, _, rest = text.partition(".")
                counted[rest.partition(".")[0] if version == "v1" else UNREADABLE] += 1
    return dict(counted)


def lacking_keys() -> tuple[str, ...]:
    """Names of keys that secrets are under and that the ring lacks, the first of each column.

    Raises Misconfigured (no keys).
    """
    ring, found = key_ring(), list[str]()
    with as_sync():
        for column in _columns():
            rows = column.model._default_manager.all()
            for name in ring.names:
                rows = rows.exclude(**{f"{column.field}__startswith": prefix_of(name)})
            text = rows.values_list(column.field, flat=True).first()
            if text is not None:
                found.append(text.split(".")[1] if text.count(".") == 2 else UNREADABLE)
    return tuple(dict.fromkeys(found))


def _columns() -> Iterator[_Column]:
    for label, field in settings.ENCRYPTED_COLUMNS:
        model = apps.get_model(label)
        meta: Any = model._meta
        yield _Column(model, field, meta.db_table, meta.get_field(field).column)


def _move_batch(
    ring: KeyRing, column: _Column, after: Any, batch: int, unreadable: list[str]
) -> tuple[int, Any]:
    """(rows moved, the last key looked at or None at the end)."""
    with as_sync():
        rows = column.model._default_manager.exclude(
            **{f"{column.field}__startswith": ring.prefix}
        ).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        found = list(rows.values_list("pk", column.field)[:batch])
        moved = 0
        for pk, text in found:
            place = Place(column.table, column.name, pk)
            try:
                anew = ring.seal(ring.unseal(text, place=place), place=place)
            except Misconfigured as error:
                unreadable.append(f"{column.table} {pk} ({error})")
                continue
            still = column.model._default_manager.filter(pk=pk, **{column.field: text})
            moved += still.update(**{column.field: anew})
        if moved:
            record(
                action="secrets.rotated",
                resource=(column.table, ring.newest),
                new={"column": column.name, "rows": moved},
            )
    return moved, found[-1][0] if len(found) == batch else None
