"""What an alert and an outgoing message can be."""

from django.db.models import TextChoices


class AlertType(TextChoices):
    PRICE_ABOVE = "price_above"
    PRICE_BELOW = "price_below"
    PRICE_CHANGE = "price_change"
    VOLUME = "volume"
    POSITION_PNL = "position_pnl"


class ConditionType(TextChoices):
    GREATER_THAN = "greater_than"
    LESS_THAN = "less_than"
    EQUALS = "equals"
    PERCENTAGE_CHANGE = "percentage_change"


class AlertStatus(TextChoices):
    ACTIVE = "active"
    TRIGGERED = "triggered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class OutboxState(TextChoices):
    """`waiting` until a sender holds its lease and Telegram has taken it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
