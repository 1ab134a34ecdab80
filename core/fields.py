"""Shapes of columns: amounts, money, keys."""

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from core.uuid7 import uuid7


class _Number(models.DecimalField):  # type: ignore[type-arg]
    """A decimal of a fixed shape that is a number, whoever writes it.

    PostgreSQL sorts NaN above every number, so that no lower bound would refuse it.
    """

    shape: ClassVar[dict[str, int]]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | self.shape)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {key: options[key] for key in options if key not in self.shape}

    def db_check(self, connection: BaseDatabaseWrapper) -> str | None:  # noqa: ARG002
        # As the output of a generated column it has no name, and follows from checked ones.
        return f"\"{self.column}\" <> 'NaN'" if hasattr(self, "column") else None


class AmountField(_Number):
    """A token amount, size or price: numeric(36,18)."""

    shape = {"max_digits": 36, "decimal_places": 18}


class UsdField(_Number):
    """A sum in US dollars: numeric(20,2)."""

    shape = {"max_digits": 20, "decimal_places": 2}


class LeverageField(_Number):
    """A multiple of collateral: numeric(8,2)."""

    shape = {"max_digits": 8, "decimal_places": 2}


class UnitsField(_Number):
    """Whole base units of a token, as many as an account can hold: numeric(20,0)."""

    shape = {"max_digits": 20, "decimal_places": 0}


class KeyField(models.UUIDField):  # type: ignore[type-arg]
    """The primary key of every table: a version 7 UUID made by the caller's process.

    History tables copy it as a plain column, with primary_key=False.
    """

    def __init__(self, **options: Any) -> None:
        options = dict[str, Any](primary_key=True, default=uuid7, editable=False) | options
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("default", None)
        options.pop("editable", None)
        return name, path, args, options | {"primary_key": self.primary_key}
