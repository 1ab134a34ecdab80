"""Alerts, and the outbox in which messages wait for their sender."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.enums import (
    OPEN_EVENTS,
    AlertStatus,
    AlertType,
    ConditionType,
    EventStatus,
    Importance,
    Lane,
    NotificationStatus,
    NotificationType,
    OutboxState,
    Repeat,
    Severity,
)
from core.constraints import OnDelete, database_sets_null, one_of
from core.fields import AmountField
from core.models import DeskModel

# Those that each batch of prices is held against, by the two indexes below.
ON_PRICES = (AlertType.PRICE_ABOVE, AlertType.PRICE_BELOW)
_WATCHED = Q(status=AlertStatus.ACTIVE, paused_at__isnull=True, alert_type__in=ON_PRICES)


class Alert(DeskModel):
    """A condition on a market or a position that a person wants to hear of.

    It waits for its value to rise to `rises_to` or to fall to `falls_to`. While it is armed, that
    makes it fire; one that repeats is then not armed until the value has left the condition by
    `band`, so that a value that trembles about its target is told once.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="alerts"
    )
    market = models.ForeignKey(
        "markets.Market", models.RESTRICT, db_constraint=False, null=True, blank=True
    )
    alert_type = models.TextField(choices=AlertType.choices, db_index=True)
    condition_type = models.TextField(choices=ConditionType.choices)
    target_price = AmountField(null=True, blank=True)
    target_percentage = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    message = models.TextField(null=True, blank=True)
    status = models.TextField(choices=AlertStatus.choices, default=AlertStatus.ACTIVE)
    # The last time that it fired.
    triggered_at = models.DateTimeField(null=True, blank=True)
    trigger_count = models.IntegerField(default=0, db_default=0)
    repeat = models.TextField(
        choices=Repeat.choices, default=Repeat.ONCE, db_default=Repeat.ONCE.value
    )
    # Of one that repeats: no two firings are closer than this.
    cooldown = models.DurationField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    band = AmountField(null=True, blank=True)
    armed = models.BooleanField(default=True, db_default=True)
    rises_to = AmountField(null=True, blank=True)
    falls_to = AmountField(null=True, blank=True)

    class Meta:
        db_table = "alerts"
        indexes = [
            models.Index(fields=["status"], name="alerts_status"),
            # What a market's price has reached: a range scan that ends where nothing was.
            models.Index(
                fields=["market", "rises_to"],
                name="alerts_rising",
                condition=_WATCHED & Q(rises_to__isnull=False),
            ),
            models.Index(
                fields=["market", "falls_to"],
                name="alerts_falling",
                condition=_WATCHED & Q(falls_to__isnull=False),
            ),
            models.Index(
                fields=["expires_at"],
                name="alerts_expiring",
                condition=Q(status=AlertStatus.ACTIVE, expires_at__isnull=False),
            ),
        ]
        constraints = [
            OnDelete(field="user", name="alerts_user_fk"),
            OnDelete(field="market", name="alerts_market_fk"),
            one_of("alert_type", AlertType, "alerts_type_known"),
            one_of("condition_type", ConditionType, "alerts_condition_known"),
            one_of("status", AlertStatus, "alerts_status_known"),
            one_of("repeat", Repeat, "alerts_repeat_known"),
            models.CheckConstraint(
                condition=Q(target_price__isnull=True) | Q(target_price__gt=0),
                name="alerts_target_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert_type} {self.target_price or self.target_percentage}"


class AlertFiring(DeskModel):
    """That an alert fired, and at which value: what its message tells."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="firings"
    )
    alert = models.ForeignKey(Alert, models.CASCADE, db_constraint=False, related_name="firings")
    value = AmountField()
    number = models.IntegerField()

    class Meta:
        db_table = "alert_firings"
        constraints = [
            OnDelete(field="user", name="alert_firings_user_fk"),
            OnDelete(field="alert", name="alert_firings_alert_fk"),
            # Whatever two evaluators do, one of them tells.
            models.UniqueConstraint(fields=["alert", "number"], name="alert_firings_number"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.number}"


class WalletAlert(DeskModel):
    """A threshold on a wallet's token balance."""

    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, related_name="alerts"
    )
    token_symbol = models.TextField()
    condition_type = models.TextField(choices=ConditionType.choices)
    threshold = AmountField()
    status = models.TextField(choices=AlertStatus.choices, default=AlertStatus.ACTIVE)
    triggered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "wallet_alerts"
        constraints = [
            OnDelete(field="wallet", name="wallet_alerts_wallet_fk"),
            one_of("condition_type", ConditionType, "wallet_alerts_condition_known"),
            one_of("status", AlertStatus, "wallet_alerts_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.token_symbol} {self.condition_type} {self.threshold}"


class OutboxMessage(DeskModel):
    """That something about `subject` is to be told; what is told is its state when it is sent.

    Written in the transaction of the change. Several waiting rows of one card become one edit.
    """

    # None where it is for a chat that is no person's: the staff's channel.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_constraint=False,
        null=True,
        related_name="outbox",
    )
    chat_id = models.BigIntegerField(null=True, blank=True)
    lane = models.TextField(choices=Lane.choices, default=Lane.MONEY)
    kind = models.TextField(choices=NotificationType.choices, default=NotificationType.TRADE)
    card = models.TextField()
    subject_type = models.TextField()
    subject_id = models.UUIDField()
    state = models.TextField(choices=OutboxState.choices, default=OutboxState.WAITING)
    holder = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(default=timezone.now)
    attempts = models.IntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        db_table = "outbox_messages"
        indexes = [
            # The sender's claim, lane by lane: what waits and is held by nobody.
            models.Index(
                fields=["lane", "leased_until"],
                name="outbox_waiting_lane",
                condition=Q(state="waiting"),
            ),
            # What a sender holds: no other takes a part of it.
            models.Index(
                fields=["leased_until"],
                name="outbox_held",
                condition=Q(state="waiting", holder__isnull=False),
            ),
            # The rest of a card that is taken, and when a person was told of a kind before.
            models.Index(
                fields=["user", "kind"],
                name="outbox_waiting_of_person",
                condition=Q(state="waiting") & ~Q(lane="money"),
            ),
            models.Index(
                fields=["user", "kind", "delivered_at"],
                name="outbox_told_of_person",
                condition=Q(state="delivered") & ~Q(lane="money"),
            ),
        ]
        constraints = [
            OnDelete(field="user", name="outbox_user_fk"),
            one_of("state", OutboxState, "outbox_state_known"),
            one_of("lane", Lane, "outbox_lane_known"),
            one_of("kind", NotificationType, "outbox_kind_known"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(chat_id__isnull=False), name="outbox_has_chat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card} {self.state}"


class SystemEvent(DeskModel):
    """What staff have to know of the desk itself; one row as long as it lasts.

    `subject` is what it is about, so that the same news of the same thing is no second event.
    """

    event_type = models.TextField()
    severity = models.TextField(choices=Severity.choices)
    source = models.TextField()
    subject = models.TextField(blank=True, default="")
    message = models.TextField()
    details = models.JSONField(default=dict, blank=True)
    # When somebody took it up, or it ended by itself.
    processed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, database_sets_null, db_constraint=False, db_index=False,
        null=True, related_name="+",
    )  # fmt: skip
    status = models.TextField(choices=EventStatus.choices, default=EventStatus.NEW)

    class Meta:
        db_table = "system_events"
        indexes = [
            models.Index(fields=["status"], name="system_events_status"),
            models.Index(fields=["-created_at"], name="system_events_created"),
        ]
        constraints = [
            OnDelete(field="acknowledged_by", name="system_events_acknowledged_by_fk"),
            one_of("severity", Severity, "system_events_severity_known"),
            one_of("status", EventStatus, "system_events_status_known"),
            models.UniqueConstraint(
                fields=["event_type", "subject"],
                condition=Q(status__in=[*map(str, OPEN_EVENTS)]),
                name="system_events_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.subject}".strip()


class UserNotification(DeskModel):
    """What a person was told in words of its own, and whether they have read it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="notifications"
    )
    event = models.ForeignKey(
        SystemEvent, database_sets_null, db_constraint=False, db_index=False, null=True,
        blank=True, related_name="+",
    )  # fmt: skip
    notification_type = models.TextField(choices=NotificationType.choices)
    title = models.TextField()
    message = models.TextField()
    importance = models.TextField(choices=Importance.choices, default=Importance.NORMAL)
    read_at = models.DateTimeField(null=True, blank=True)
    status = models.TextField(choices=NotificationStatus.choices, default=NotificationStatus.UNREAD)

    class Meta:
        db_table = "user_notifications"
        constraints = [
            OnDelete(field="user", name="user_notifications_user_fk"),
            OnDelete(field="event", name="user_notifications_event_fk"),
            one_of("notification_type", NotificationType, "user_notifications_type_known"),
            one_of("importance", Importance, "user_notifications_importance_known"),
            one_of("status", NotificationStatus, "user_notifications_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.notification_type} {self.status}"
