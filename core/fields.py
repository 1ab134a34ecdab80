"""Shapes of columns: amounts, money, keys."""

from typing import Any

from django.db import models

from core.uuid7 import uuid7


class AmountField(models.DecimalField):
    """A token amount, size or price: numeric(36,18)."""

    def __init__(self, **options: Any) -> None:
        options.update(max_digits=36, decimal_places=18)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        del options["max_digits"], options["decimal_places"]
        return name, path, args, options


class UsdField(models.DecimalField):
    """A sum in US dollars: numeric(20,2)."""

    def __init__(self, **options: Any) -> None:
        options.update(max_digits=20, decimal_places=2)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        del options["max_digits"], options["decimal_places"]
        return name, path, args, options


class LeverageField(models.DecimalField):
    """A multiple of collateral: numeric(8,2)."""

    def __init__(self, **options: Any) -> None:
        options.update(max_digits=8, decimal_places=2)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        del options["max_digits"], options["decimal_places"]
        return name, path, args, options


class KeyField(models.UUIDField):
    """The primary key of every table: a version 7 UUID made by the caller's process.

    History tables copy it as a plain column, with primary_key=False.
    """

    def __init__(self, **options: Any) -> None:
        options = {"primary_key": True, "default": uuid7, "editable": False} | options
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("default", None)
        options.pop("editable", None)
        return name, path, args, options | {"primary_key": self.primary_key}
