"""Constraints that the database itself holds and Django has no word for."""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement
from django.db.models.constraints import BaseConstraint


def database_sets_null(*_: Any) -> None:
    """An on_delete rule: the database alone empties the column, where no role may update it."""


# Django need not even look for the rows that refer to the deleted one.
database_sets_null.lazy_sub_objs = True  # type: ignore[attr-defined]

_RULES = {
    models.CASCADE: "CASCADE",
    models.SET_NULL: "SET NULL",
    models.RESTRICT: "RESTRICT",
    database_sets_null: "SET NULL",
}


class OnDelete(BaseConstraint):
    """The foreign key of `field`, with its ON DELETE rule in the database.

    Django writes its own keys without a rule, so raw SQL would not obey what the ORM does. The
    field itself is declared with db_constraint=False; rule and target are read from it.
    """

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def _definition(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        field: Any = model._meta.get_field(self.field)
        target = field.remote_field.model._meta
        quote = editor.quote_name
        rule = field.remote_field.on_delete
        # Deferred to the commit: rows of one act may be written in any order.
        when = "" if rule is models.RESTRICT else " DEFERRABLE INITIALLY DEFERRED"
        return (
            f"FOREIGN KEY ({quote(field.column)}) REFERENCES {quote(target.db_table)} "
            f"({quote(field.target_field.column)}) ON DELETE {_RULES[rule]}{when}"
        )

    def constraint_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model is not None
        assert schema_editor is not None
        definition = self._definition(model, schema_editor)
        return f"CONSTRAINT {schema_editor.quote_name(self.name)} {definition}"

    def create_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        assert model is not None
        assert schema_editor is not None
        sql = self.constraint_sql(model, schema_editor)
        table = schema_editor.quote_name(model._meta.db_table)
        return Statement(f"ALTER TABLE {table} ADD {sql}".replace("%", "%%"))

    def remove_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        assert model is not None
        assert schema_editor is not None
        table, name = (schema_editor.quote_name(part) for part in (model._meta.db_table, self.name))
        return Statement(f"ALTER TABLE {table} DROP CONSTRAINT {name}")

    def validate(self, *args: Any, **options: Any) -> None:
        """The ORM's own checks of the field suffice."""

    def deconstruct(self) -> Any:
        path, args, options = super().deconstruct()
        return path, args, options | {"field": self.field}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OnDelete):
            return NotImplemented
        return (self.name, self.field) == (other.name, other.field)

    def __hash__(self) -> int:
        return hash((self.name, self.field))


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """`field` holds one of the enum's values, whoever writes it."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)
