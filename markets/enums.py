"""What a market can be."""

from django.db.models import TextChoices


class MarketType(TextChoices):
    PERPETUAL = "perpetual"
    SPOT = "spot"
    FUTURES = "futures"


class MarketStatus(TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    MAINTENANCE = "maintenance"
