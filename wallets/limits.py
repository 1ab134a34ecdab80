"""In what a withdrawal is counted, how much of it may leave, and from where on staff decide."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from wallets.tokens import SOL

USD = "USD"
# A dollar token counts as its dollars, SOL by itself: no price, late or wrong, moves a limit.
_UNITS = {"USDC": USD, "USDT": USD, "DUSDT": USD, SOL: SOL, "WSOL": SOL}


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one unit for one tier."""

    unit: str
    largest: Decimal
    daily: Decimal
    approval_above: Decimal


def unit_of(token_symbol: str) -> str | None:
    """None for a token that the desk has no limits for: it can only go back where it came from."""
    return _UNITS.get(token_symbol)


def limits_of(*, unit: str, tier: str) -> Limits:
    environment = settings.ENVIRONMENT
    if unit == USD:
        return Limits(
            unit,
            environment.withdrawal_max_usd[tier],
            environment.withdrawal_daily_usd[tier],
            environment.withdrawal_approval_usd,
        )
    return Limits(
        unit,
        environment.withdrawal_max_sol[tier],
        environment.withdrawal_daily_sol[tier],
        environment.withdrawal_approval_sol,
    )
