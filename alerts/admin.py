"""Alerts and the outbox, as staff see them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from alerts.models import (
    Alert,
    AlertFiring,
    OutboxMessage,
    SystemEvent,
    UserNotification,
    WalletAlert,
)
from alerts.services import acknowledge_system_event
from alerts.services.system_events import MAY_ACKNOWLEDGE
from core.admin import FactAdmin, each_apart


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
        "id", "user", "lane", "card", "subject_type", "subject_id", "state", "attempts",
        "created_at", "delivered_at", "error",
    )  # fmt: skip
    list_filter = ("state", "lane", "kind")
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


@admin.register(SystemEvent)
class SystemEventAdmin(FactAdmin):
    list_display = (
        "id", "severity", "event_type", "source", "subject", "message", "status", "created_at",
        "processed_at", "acknowledged_by",
    )  # fmt: skip
    list_filter = ("status", "severity")
    list_select_related = ("acknowledged_by",)
    search_by = ("id", "subject")
    search_help_text = "Exactly: id or subject"
    actions = ("acknowledge",)

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "role", "") in MAY_ACKNOWLEDGE

    @admin.action(description="Acknowledge", permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: "QuerySet[SystemEvent]") -> None:
        """Taken up: the staff's channel says by whom."""
        staff: Any = request.user
        now = timezone.now()
        each_apart(
            self, request, queryset,
            lambda row: acknowledge_system_event(event_id=row.pk, staff_id=staff.pk, now=now),
        )  # fmt: skip


@admin.register(UserNotification)
class UserNotificationAdmin(FactAdmin):
    list_display = (
        "id", "user", "notification_type", "title", "importance", "status", "created_at", "read_at",
    )  # fmt: skip
    list_filter = ("status", "notification_type", "importance")
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"
