"""Prices as people and tests type them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

LOWEST = Decimal("0.000001")
HIGHEST = Decimal(10_000_000)


class BadPrice(ValueError):
    """What was given is no price that the oracles can carry."""


def parse_price(given: object) -> Decimal:
    """A price in quote units; raises BadPrice."""
    try:
        price = Decimal(str(given))
    except InvalidOperation as error:
        raise BadPrice(f"{given!r} is no price") from error
    if not price.is_finite() or not LOWEST <= price <= HIGHEST:
        raise BadPrice(f"{given!r} is no price from {LOWEST:f} to {HIGHEST:,f}")
    return price
