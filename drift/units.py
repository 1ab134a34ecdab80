"""The program's integers as Decimals and back; nothing is rounded on the way in."""

from __future__ import annotations

from decimal import Decimal

from core.errors import Refused

BASE_PLACES = 9
PRICE_PLACES = 6
QUOTE_PLACES = 6
RATIO_PLACES = 4


def from_base(units: int) -> Decimal:
    return from_units(units, BASE_PLACES)


def from_price(units: int) -> Decimal:
    return from_units(units, PRICE_PLACES)


def from_quote(units: int) -> Decimal:
    return from_units(units, QUOTE_PLACES)


def from_units(units: int, places: int) -> Decimal:
    return Decimal(units).scaleb(-places)


def to_units(amount: Decimal, places: int) -> int:
    """Raises Refused for an amount finer than the program's unit: it would not be what was
    asked for."""
    units = amount.scaleb(places)
    whole = int(units)
    if whole != units:
        raise Refused("amount.too_fine", amount=amount, places=places)
    return whole
