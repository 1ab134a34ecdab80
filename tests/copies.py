"""A copy of the whole database that is put back later, as a restore does."""

from typing import Any

from django.db import connections

from chain.services.watch_epoch import forget_look

_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


class Copies:
    """Of one test's database; `owner` is a connection of the tables' owner."""

    def __init__(self, database: Any, owner: Any) -> None:
        self._owner = owner
        # Rows referred to go in before rows that refer.
        self._tables = list(reversed(database._emptying_order))

    def keep(self) -> None:
        self.forget()
        self._owner.execute("CREATE SCHEMA kept")
        for table in self._tables:
            self._owner.execute(f"CREATE TABLE kept.{table} AS SELECT * FROM {table}")

    def put_back(self) -> None:
        connections["default"].close()
        # A restore writes rows as they were; nothing may write history on top.
        for table in self._tables:
            self._owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        with self._owner.transaction():
            for table in reversed(self._tables):
                self._owner.execute(f"DELETE FROM {table}")
            for table in self._tables:
                columns = self._owner.execute(_COLUMNS, [table]).fetchone()[0]
                self._owner.execute(
                    f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
                    f" SELECT {columns} FROM kept.{table}"
                )
        for table in self._tables:
            self._owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        forget_look()

    def forget(self) -> None:
        self._owner.execute("DROP SCHEMA IF EXISTS kept CASCADE")
        forget_look()
