"""How many alerts a person may keep, by tier, and how often one may tell."""

from datetime import timedelta
from decimal import Decimal

from accounts.enums import SubscriptionTier

# Active ones, paused ones among them.
MOST_ALERTS: dict[str, int] = {
    SubscriptionTier.FREE: 20,
    SubscriptionTier.BASIC: 50,
    SubscriptionTier.PRO: 200,
    SubscriptionTier.PREMIUM: 1000,
}
SHORTEST_COOLDOWN = timedelta(minutes=1)
LONGEST_COOLDOWN = timedelta(days=30)
LONGEST_LIFE = timedelta(days=366)
LONGEST_NOTE = 200
# How far a price has to leave its target until it counts as having left, as a part of the target.
REARM_PART = Decimal("0.005")
