"""Many rows of one table by one statement, with the columns' own shapes."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.utils import timezone

_UPDATE = """
UPDATE "{table}" AS t SET {values} FROM unnest({arrays}) AS s({named}) WHERE t."{key}" = s.c0
"""


def write_rows(rows: Sequence[models.Model], names: Sequence[str]) -> int:
    """Write these attributes of rows of one model, whose rows the caller has locked.

    One UPDATE for all; `updated_at` follows where there is one. No signal is sent: what is to be
    in the audit log the caller records. Returns how many rows there were.
    """
    if not rows:
        return 0
    meta = rows[0]._meta
    columns = {field.name: field for field in meta.concrete_fields}
    if "updated_at" in columns and "updated_at" not in names:
        now = timezone.now()
        for row in rows:
            row.updated_at = now  # type: ignore[attr-defined]
        names = (*names, "updated_at")
    fields = [meta.pk, *(columns[name] for name in names)]
    arrays = ", ".join(f"%s::{_array_of(field)}" for field in fields)
    named = ", ".join(f"c{place}" for place in range(len(fields)))
    values = ", ".join(
        f'"{field.column}" = s.c{place}{"::jsonb" if _is_json(field) else ""}'
        for place, field in enumerate(fields)
        if place
    )
    sql = _UPDATE.format(
        table=meta.db_table, values=values, arrays=arrays, named=named, key=meta.pk.column
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [[_written(field, row) for row in rows] for field in fields])
        return int(cursor.rowcount)


def _is_json(field: Any) -> bool:
    return isinstance(field, models.JSONField)


def _array_of(field: Any) -> str:
    return "text[]" if _is_json(field) else f"{field.db_type(connection)}[]"


def _written(field: Any, row: models.Model) -> Any:
    value = getattr(row, field.attname)
    return json.dumps(value, cls=field.encoder) if _is_json(field) else value
