"""People, their settings and sessions, and what they asked for, as staff see them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.enums import TradingState, UserStatus
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
from accounts.services import check_user_status, reset_totp, set_user_status
from accounts.services.totp import MAY_RESET
from core.admin import FactAdmin, each_apart
from core.errors import DeskError


class UserForm(forms.ModelForm):
    """What staff decide about a person, and why; each is checked before anything is set."""

    staff: Any = None
    status = forms.ChoiceField(choices=UserStatus.choices, widget=UnfoldAdminSelectWidget)
    trading_state = forms.ChoiceField(choices=TradingState.choices, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        required=False, max_length=200, widget=UnfoldAdminTextInputWidget,
        help_text="Needed for any change; it goes into the log.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        reason, key = given.get("reason", ""), self.instance.pk
        try:
            if "trading_state" in self.changed_data:
                state = given.get("trading_state", "")
                import_string(settings.TRADING_STATE["check"])(
                    scope="user", key=str(key), state=state, reason=reason
                )
            if "status" in self.changed_data:
                status = given.get("status", "")
                check_user_status(user_id=key, status=status, reason=reason, staff_id=self.staff.pk)
        except DeskError as error:
            raise forms.ValidationError(import_string(settings.ERROR_SENTENCE)(error)) from error
        return given


@admin.register(User)
class UserAdmin(FactAdmin):
    form = UserForm
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

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        return type("UserForm", (form,), {"staff": request.user})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_fields(request, obj)
        return [*fields, "reason"] if self.has_change_permission(request, obj) else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """By the services that set it, so that the log says who, from what, and why."""
        given, now = form.cleaned_data, timezone.now()
        staff: Any = request.user.pk
        if "trading_state" in form.changed_data:
            import_string(settings.TRADING_STATE["set"])(
                scope="user", key=str(obj.pk), state=given["trading_state"],
                reason=given["reason"], actor_id=staff, now=now,
            )  # fmt: skip
        if "status" in form.changed_data:
            set_user_status(
                user_id=obj.pk, status=given["status"], reason=given["reason"], staff_id=staff,
                now=now,
            )  # fmt: skip

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
