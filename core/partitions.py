"""Natively partitioned tables: parents by migrations, partitions by one database function."""

from datetime import datetime
from typing import Any

from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class CreatePartitionedModel(migrations.CreateModel):
    """CreateModel whose table is a parent, partitioned by range of `key` in steps of `width`.

    In the database the primary key is (id, key), as a partitioned table's must hold the key;
    Django goes on seeing `id`.
    """

    def __init__(self, *args: Any, key: str, width: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.key = key
        self.width = width

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        sql, params = schema_editor.table_sql(model)
        column = model._meta.get_field(self.key).column
        before = sql
        sql = sql.replace('"id" uuid NOT NULL PRIMARY KEY', '"id" uuid NOT NULL')
        assert sql != before, "the key of a partitioned table is a UUID named id"
        head, _, tail = sql.rpartition(")")
        schema_editor.execute(
            f'{head}, PRIMARY KEY ("id", "{column}")) PARTITION BY RANGE ("{column}"){tail}',
            params or None,
        )
        schema_editor.deferred_sql.extend(schema_editor._model_indexes_sql(model))  # type: ignore[attr-defined]
        schema_editor.execute(
            "INSERT INTO partitioned_tables (parent, width, ahead) VALUES (%s, %s, 3)",
            (model._meta.db_table, self.width),
        )


def ensure_partitions(*, now: datetime) -> int:
    """Make the default partition, the present one and those ahead of every parent.

    Rows that had landed in a default partition are moved out first. Returns how many
    partitions were made; doing it again makes none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT desk_ensure_partitions(%s)", (now,))
        return int(cursor.fetchone()[0])
