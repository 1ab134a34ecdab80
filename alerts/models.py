"""Alerts, and the outbox in which messages wait for their sender."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.enums import AlertStatus, AlertType, ConditionType, OutboxState, Repeat
from core.constraints import OnDelete, one_of
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

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="outbox"
    )
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
            # The sender's claim: what waits and is held by nobody.
            models.Index(
                fields=["leased_until"], name="outbox_waiting", condition=Q(state="waiting")
            ),
        ]
        constraints = [
            OnDelete(field="user", name="outbox_user_fk"),
            one_of("state", OutboxState, "outbox_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.card} {self.state}"
