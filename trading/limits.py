"""How much a person may trade a day, by tier; what the user's own row says holds beside it."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.enums import SubscriptionTier


@dataclass(frozen=True, slots=True)
class DailyLimits:
    """Entries and their notional between two midnights UTC; closes are never counted."""

    trades: int
    notional: Decimal


DAILY_LIMITS: dict[str, DailyLimits] = {
    SubscriptionTier.FREE: DailyLimits(200, Decimal(1_000_000)),
    SubscriptionTier.BASIC: DailyLimits(500, Decimal(5_000_000)),
    SubscriptionTier.PRO: DailyLimits(2_000, Decimal(25_000_000)),
    SubscriptionTier.PREMIUM: DailyLimits(10_000, Decimal(250_000_000)),
}
