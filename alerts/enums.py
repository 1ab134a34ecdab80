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


class Repeat(TextChoices):
    """`every` fires each time the condition comes true anew, after the value had left it."""

    ONCE = "once"
    EVERY = "every"


ALERT_MOVES: dict[str, frozenset[str]] = {
    AlertStatus.ACTIVE: frozenset(
        {AlertStatus.TRIGGERED, AlertStatus.CANCELLED, AlertStatus.EXPIRED}
    ),
    AlertStatus.TRIGGERED: frozenset(),
    AlertStatus.CANCELLED: frozenset(),
    AlertStatus.EXPIRED: frozenset(),
}


class OutboxState(TextChoices):
    """`waiting` until a sender holds its lease and Telegram has taken it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
