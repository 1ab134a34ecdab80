"""Fields of bodies: amounts are texts in, plain decimals out; nothing is ever a float."""

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.errors import DeskError
from core.money import parse_amount, plain


@extend_schema_field(
    {"type": "string", "format": "decimal", "pattern": r"^[0-9]*\.?[0-9]+$", "example": "0.5"}
)
class AmountField(serializers.Field[Decimal, Any, str, Any]):
    """A positive decimal in a string, such as "0.5"; a JSON number is refused.

    A number has passed through somebody's binary floats, and 0.1 + 0.2 buys another size.
    """

    default_error_messages = {"not_a_string": 'An amount is a string of digits, such as "0.5".'}

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str):
            self.fail("not_a_string")
        try:
            return parse_amount(data)
        except DeskError as error:
            raise serializers.ValidationError(
                "This is no positive decimal, such as 0.5.", code=error.code
            ) from error

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


@extend_schema_field(
    {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "example": "12.5"}
)
class DecimalText(serializers.Field[Decimal, Any, str, Any]):
    """A decimal as it is told: a string without exponent or trailing zeros."""

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "example": "-0.05"})
class SignedAmountField(serializers.Field[Decimal, Any, str, Any]):
    """A decimal in a string that may be below zero, such as an offset from the oracle's price."""

    default_error_messages = {"invalid": 'This is no decimal in a string, such as "-0.05".'}

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            amount = parse_amount(data.removeprefix("-"))
        except DeskError:
            self.fail("invalid")
        return -amount if data.startswith("-") else amount

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


@extend_schema_field(OpenApiTypes.DATETIME)
class Instant(serializers.Field[Any, Any, Any, Any]):
    """A moment in UTC as RFC 3339 writes it."""

    def to_representation(self, value: Any) -> Any:
        return value


class Body(serializers.Serializer[Any]):
    """A request's body: a field that is not known is refused, as it would be ignored otherwise."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError(
                {str(name)[:60]: ["There is no such field."] for name in unknown[:20]},
                code="unknown",
            )
        return super().to_internal_value(data)
