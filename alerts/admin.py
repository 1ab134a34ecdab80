"""Alerts and the outbox, as staff see them."""

from django.contrib import admin

from alerts.models import Alert, AlertFiring, OutboxMessage, WalletAlert
from core.admin import FactAdmin


@admin.register(Alert)
class AlertAdmin(FactAdmin):
    list_display = (
        "id", "user", "market", "alert_type", "condition_type", "target_price", "status",
        "repeat", "trigger_count", "triggered_at", "paused_at", "expires_at", "created_at",
    )  # fmt: skip
    list_filter = ("status", "alert_type", "repeat")
    list_select_related = ("user", "market")
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


@admin.register(AlertFiring)
class AlertFiringAdmin(FactAdmin):
    list_display = ("id", "user", "alert", "number", "value", "created_at")
    list_select_related = ("user", "alert")
    search_by = ("id", "user", "alert")
    search_help_text = "Exactly: id, the alert's id, or the user's id, Telegram id, email"


@admin.register(WalletAlert)
class WalletAlertAdmin(FactAdmin):
    list_display = (
        "id", "wallet", "token_symbol", "condition_type", "threshold", "status", "triggered_at",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("wallet",)
    search_by = ("id", "wallet")
    search_help_text = "Exactly: id, or the wallet's id or address"


@admin.register(OutboxMessage)
class OutboxMessageAdmin(FactAdmin):
    list_display = (
        "id", "user", "card", "subject_type", "subject_id", "state", "attempts", "created_at",
        "delivered_at", "error",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"
