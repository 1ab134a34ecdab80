"""People, their settings and sessions, and what they asked for, as staff see them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import (
    Authenticator,
    Intent,
    RestCall,
    SecurityNotice,
    User,
    UserApiKey,
    UserProfile,
    UserSecurity,
    UserSession,
    UserSetting,
    WebLink,
)
from accounts.services import reset_totp
from accounts.services.totp import MAY_RESET
from core.admin import FactAdmin, each_apart


@admin.register(User)
class UserAdmin(FactAdmin):
    list_display = (
        "id", "telegram_id", "telegram_username", "email", "role", "status", "trading_state",
        "subscription_tier", "last_active", "created_at",
    )  # fmt: skip
    list_filter = ("status", "trading_state", "role", "subscription_tier")
    search_by = ("id", "telegram_id", "email", "privy_user_id")
    search_help_text = "Exactly: id, Telegram id, email, Privy id"
    editable = ("status", "trading_state")
    # Nothing keeps it yet; a zero beside real balances would be untrue.
    hidden = frozenset({"balance_usd"})
    actions = ("take_authenticator",)

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "role", "") in MAY_RESET

    @admin.action(description="Take a lost authenticator away", permissions=["reset"])
    def take_authenticator(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        """Withdrawals are locked for days by it, and the person is told by mail."""
        staff: Any = request.user
        now = timezone.now()
        each_apart(
            self, request, queryset,
            lambda row: reset_totp(user_id=row.pk, staff_id=staff.pk, now=now),
        )  # fmt: skip


@admin.register(UserProfile)
class UserProfileAdmin(FactAdmin):
    list_display = ("id", "user", "display_name", "risk_tolerance", "default_theme", "updated_at")
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


@admin.register(UserSetting)
class UserSettingAdmin(FactAdmin):
    list_display = ("id", "user", "setting_key", "setting_value", "updated_at")
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


@admin.register(UserSession)
class UserSessionAdmin(FactAdmin):
    list_display = ("id", "user", "channel", "ip_address", "last_activity", "revoked_at")
    list_filter = ("channel",)
    hidden = frozenset({"token_hash"})
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


@admin.register(Intent)
class IntentAdmin(FactAdmin):
    list_display = (
        "id", "user", "kind", "status", "channel", "created_at", "deadline", "ended_at",
    )  # fmt: skip
    list_filter = ("status", "kind", "channel")
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


@admin.register(UserSecurity)
class UserSecurityAdmin(FactAdmin):
    list_display = (
        "id", "user", "totp_confirmed_at", "withdrawals_locked_until", "lock_reason", "updated_at",
    )  # fmt: skip
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


# The library's own page shows secrets and lets staff write them.
admin.site.unregister(TOTPDevice)


@admin.register(Authenticator)
class AuthenticatorAdmin(FactAdmin):
    list_display = ("id", "user", "confirmed", "created_at", "last_used_at")
    list_filter = ("confirmed",)
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"
    # Encrypted, and yet nobody's to see.
    hidden = frozenset({"key"})


@admin.register(WebLink)
class WebLinkAdmin(FactAdmin):
    list_display = ("id", "user", "purpose", "created_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"
    hidden = frozenset({"token_hash"})


@admin.register(SecurityNotice)
class SecurityNoticeAdmin(FactAdmin):
    list_display = ("id", "user", "kind", "created_at", "sent_at", "attempts", "error")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


@admin.register(UserApiKey)
class UserApiKeyAdmin(FactAdmin):
    list_display = (
        "id", "user", "key_name", "api_key", "permissions", "status", "expires_at",
        "last_used_at", "created_at",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("user",)
    search_by = ("id", "user", "api_key")
    search_help_text = "Exactly: id, key, or the user's id, Telegram id, email"
    # What it was made of cannot be told from it, and yet it is nobody's to see.
    hidden = frozenset({"api_secret_hash"})


@admin.register(RestCall)
class RestCallAdmin(FactAdmin):
    list_display = ("id", "user", "idempotency_key", "running_until", "created_at")
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"
