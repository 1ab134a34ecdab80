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


class Lane(TextChoices):
    """How urgent a message is: what touches money goes before alerts, and those before digests."""

    MONEY = "money"
    ALERT = "alert"
    DIGEST = "digest"


class NotificationType(TextChoices):
    """What a message is of; a person sets for each type how loud it is."""

    TRADE = "trade"
    SECURITY = "security"
    PRICE_ALERT = "price_alert"
    POSITION_ALERT = "position_alert"
    WALLET_ALERT = "wallet_alert"
    NEWS = "news"
    DIGEST = "digest"


LANES = {
    NotificationType.TRADE: Lane.MONEY,
    NotificationType.SECURITY: Lane.MONEY,
    NotificationType.PRICE_ALERT: Lane.ALERT,
    NotificationType.POSITION_ALERT: Lane.ALERT,
    NotificationType.WALLET_ALERT: Lane.ALERT,
    NotificationType.NEWS: Lane.DIGEST,
    NotificationType.DIGEST: Lane.DIGEST,
}


# The person's setting that says how loud a type is; what touches their safety is always told.
SETTING_OF: dict[str, str] = {
    NotificationType.TRADE: "trade_notifications",
    NotificationType.SECURITY: "",
    NotificationType.PRICE_ALERT: "price_alerts",
    NotificationType.POSITION_ALERT: "position_alerts",
    NotificationType.WALLET_ALERT: "wallet_alerts",
    NotificationType.NEWS: "news",
    NotificationType.DIGEST: "digests",
}


class NotificationStatus(TextChoices):
    UNREAD = "unread"
    READ = "read"


class Importance(TextChoices):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Severity(TextChoices):
    """What is critical is told to the staff's channel."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class EventStatus(TextChoices):
    """`resolved` by what ended it; `acknowledged` by who has taken it up."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


EVENT_MOVES: dict[str, frozenset[str]] = {
    EventStatus.NEW: frozenset({EventStatus.ACKNOWLEDGED, EventStatus.RESOLVED}),
    EventStatus.ACKNOWLEDGED: frozenset({EventStatus.RESOLVED}),
    EventStatus.RESOLVED: frozenset(),
}
OPEN_EVENTS = (EventStatus.NEW, EventStatus.ACKNOWLEDGED)


class OutboxState(TextChoices):
    """`waiting` until a sender holds its lease and Telegram has taken it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
