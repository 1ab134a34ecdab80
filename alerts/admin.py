"""Alerts and the outbox, as staff see them."""

from django.contrib import admin

from alerts.models import Alert, OutboxMessage, WalletAlert
from core.admin import FactAdmin


@admin.register(Alert)
class AlertAdmin(FactAdmin):
    list_display = (
        "id", "user", "market", "alert_type", "condition_type", "target_price", "status",
        "triggered_at", "created_at",
    )  # fmt: skip
    list_filter = ("status", "alert_type")
    list_select_related = ("user", "market")
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


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
