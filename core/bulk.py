"""Many rows of one table by one statement: they go as one JSON text, which the server takes apart.

An array a column would be looked through for what needs quoting, element by element, in Python.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import connection, models
from django.utils import timezone

_UPDATE = """
UPDATE "{table}" AS t SET {values} FROM json_to_recordset(%s::json) AS s({shape})
WHERE t."{key}" = s.c0 AND t."{key}" = ANY(%s)
"""
_INSERT = """
INSERT INTO "{table}" ({columns}) SELECT {names} FROM json_to_recordset(%s::json) AS s({shape})
{otherwise}
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
    values = ", ".join(
        f'"{field.column}" = s.c{place}' for place, field in enumerate(fields) if place
    )
    sql = _UPDATE.format(
        table=meta.db_table, values=values, shape=_shape(fields), key=fields[0].column
    )
    with connection.cursor() as cursor:
        # The keys once more: how many a text holds is not known to the planner.
        cursor.execute(sql, [_as_json(rows, fields), [row.pk for row in rows]])
        return int(cursor.rowcount)


def insert_rows(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> int:
    """Insert rows of one model, with the keys and defaults that they were made with.

    Returns how many were inserted: all of them, or those that no unique key was against.
    """
    if not rows:
        return 0
    fields = [field for field in rows[0]._meta.concrete_fields if not field.generated]
    sql = _INSERT.format(
        table=rows[0]._meta.db_table,
        columns=", ".join(f'"{field.column}"' for field in fields),
        names=", ".join(f"s.c{place}" for place in range(len(fields))),
        shape=_shape(fields),
        otherwise="ON CONFLICT DO NOTHING" if ignore_conflicts else "",
    )
    now = timezone.now()
    for row in rows:
        if hasattr(row, "updated_at"):
            row.updated_at = row.updated_at or now
    with connection.cursor() as cursor:
        cursor.execute(sql, [_as_json(rows, fields)])
        inserted = int(cursor.rowcount)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return inserted


def recordset(shape: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, str]:
    """A FROM item of these columns (name → type), and the text that it takes as its parameter."""
    columns = ", ".join(f"{name} {kind}" for name, kind in shape.items())
    told = [dict(zip(shape, row, strict=True)) for row in rows]
    return f"json_to_recordset(%s::json) AS s({columns})", _dumped(told)


def _shape(fields: Sequence[Any]) -> str:
    return ", ".join(f"c{place} {field.db_type(connection)}" for place, field in enumerate(fields))


def _as_json(rows: Sequence[models.Model], fields: Sequence[Any]) -> str:
    named = [(f"c{place}", field.attname) for place, field in enumerate(fields)]
    told = [{name: getattr(row, attribute) for name, attribute in named} for row in rows]
    return _dumped(told)


def _dumped(told: list[dict[str, Any]]) -> str:
    try:
        return orjson.dumps(told, default=str).decode()
    except orjson.JSONEncodeError:  # an integer of more than 64 bits
        return json.dumps(told, default=str)
