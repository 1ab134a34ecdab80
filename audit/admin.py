"""The log of every act, as staff see it."""

from django.contrib import admin

from audit.models import AuditLog, AuditRoot, AuditSeal, UnsealedAudit
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


@admin.register(UnsealedAudit)
class UnsealedAuditAdmin(FactAdmin):
    """Rows of the log that wait for their seal; older than some seconds is a fault."""

    list_display = ("audit_id", "row_at", "noted_at")
    search_by = ("audit_id",)
    search_help_text = "Exactly: the log row's id"


@admin.register(AuditSeal)
class AuditSealAdmin(FactAdmin):
    list_display = ("seq", "audit_id", "row_at", "noted_at", "hash")
    search_by = ("audit_id",)
    search_help_text = "Exactly: the log row's id"


@admin.register(AuditRoot)
class AuditRootAdmin(FactAdmin):
    list_display = ("batch", "first_seq", "last_seq", "root", "key_id", "sealed_at")
    search_by = ("root",)
    search_help_text = "Exactly: the root"
