"""Rows changed and copied by plain SQL, behind the back of all the desk's code."""

from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from core.uuid7 import uuid7


def table_of(row):
    return sql.Identifier(row._meta.db_table)


def change(connection, row, **columns):
    """UPDATE the row's columns (by their names in the database); return how many rows changed."""
    settings = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in columns
    )
    return connection.execute(
        sql.SQL("UPDATE {} SET {} WHERE id = %s").format(table_of(row), settings),
        [*columns.values(), row.pk],
    ).rowcount


def insert_copy(connection, row, **columns):
    """INSERT a second row, equal but for its id and these columns; return its id."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = ''",
            [row._meta.db_table],
        )
    ]
    columns = {"id": str(uuid7())} | columns
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    made = sql.SQL(", ").join(sql.SQL("(made).{}").format(sql.Identifier(name)) for name in names)
    connection.execute(
        sql.SQL(
            "INSERT INTO {table} ({listed}) SELECT {made} FROM"
            " (SELECT jsonb_populate_record(t, %s) AS made FROM {table} t WHERE id = %s) source"
        ).format(table=table_of(row), listed=listed, made=made),
        [Jsonb(columns), row.pk],
    )
    return columns["id"]


def delete(connection, row):
    """DELETE the row; return how many rows went."""
    statement = sql.SQL("DELETE FROM {} WHERE id = %s").format(table_of(row))
    return connection.execute(statement, [row.pk]).rowcount


def read(connection, row, column):
    """The column's present value."""
    statement = sql.SQL("SELECT {} FROM {} WHERE id = %s").format(
        sql.Identifier(column), table_of(row)
    )
    return connection.execute(statement, [row.pk]).fetchone()[0]


def count(connection, table):
    statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    return connection.execute(statement).fetchone()[0]


@contextmanager
def refused_by(constraint):
    """The block breaks this constraint of the database, and no other."""
    with pytest.raises(psycopg.errors.IntegrityError) as caught:
        yield
    assert caught.value.diag.constraint_name == constraint
