"""The log of every act, as staff see it."""

from django.contrib import admin

from audit.models import AuditLog
from core.admin import FactAdmin


@admin.register(AuditLog)
class AuditLogAdmin(FactAdmin):
    list_display = (
        "id", "created_at", "user", "action", "resource_type", "resource_id", "channel",
        "ip_address", "trace_id",
    )  # fmt: skip
    list_filter = ("channel",)
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"
