"""One table for traders and staff."""

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.enums import SubscriptionTier, TradingState, UserRole, UserStatus
from core.constraints import one_of
from core.fields import KeyField, UsdField


def no_password() -> str:
    """What a trader has: a password that nothing matches."""
    return make_password(None)


class UserManager(BaseUserManager["User"]):
    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        """A member of staff with the admin role (the name is Django's)."""
        user = self.model(email=self.normalize_email(email), role=UserRole.ADMIN, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A trader (signs in by Telegram) or a member of staff (by email and password)."""

    id = KeyField()
    telegram_id = models.BigIntegerField(null=True, blank=True, unique=True)
    telegram_username = models.TextField(null=True, blank=True)
    telegram_first_name = models.TextField(null=True, blank=True)
    telegram_last_name = models.TextField(null=True, blank=True)
    privy_user_id = models.TextField(null=True, blank=True, unique=True)
    email = models.TextField(null=True, blank=True, unique=True)
    password = models.TextField(default=no_password)
    role = models.TextField(choices=UserRole.choices, default=UserRole.TRADER)
    status = models.TextField(choices=UserStatus.choices, default=UserStatus.ACTIVE)
    trading_state = models.TextField(choices=TradingState.choices, default=TradingState.ACTIVE)
    # Set by the person: everything but closing stops, whatever staff has set beside it.
    frozen_at = models.DateTimeField(null=True, blank=True)
    subscription_tier = models.TextField(
        choices=SubscriptionTier.choices, default=SubscriptionTier.FREE
    )
    max_followed_traders = models.IntegerField(default=3)
    max_daily_trades = models.IntegerField(default=200)
    max_trade_size_usd = UsdField(null=True, blank=True)
    balance_usd = UsdField(default=Decimal(0))
    two_factor_enabled = models.BooleanField(default=False)
    last_active = models.DateTimeField(default=timezone.now)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        indexes = [
            models.Index(fields=["status"], name="users_status"),
            models.Index(fields=["last_active"], name="users_last_active"),
            models.Index(fields=["subscription_tier"], name="users_tier"),
            models.Index(fields=["-created_at"], name="users_created"),
        ]
        constraints = [
            one_of("status", UserStatus, "users_status_known"),
            one_of("subscription_tier", SubscriptionTier, "users_tier_known"),
            one_of("role", UserRole, "users_role_known"),
            one_of("trading_state", TradingState, "users_trading_state_known"),
            models.CheckConstraint(condition=Q(telegram_id__gt=0), name="users_telegram_id"),
            models.CheckConstraint(condition=Q(balance_usd__gte=0), name="users_balance"),
            models.CheckConstraint(
                condition=Q(email__regex=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), name="users_email_form"
            ),
            models.CheckConstraint(
                condition=Q(telegram_id__isnull=False)
                | Q(email__isnull=False)
                | Q(status=UserStatus.CLOSED),
                name="users_can_sign_in",
            ),
        ]

    def __str__(self) -> str:
        if self.telegram_username:
            return f"@{self.telegram_username}"
        return self.email or f"telegram {self.telegram_id}"

    @property
    def is_staff(self) -> bool:
        return self.role != UserRole.TRADER

    @property
    def present_trading_state(self) -> str:
        """What staff has set, or halted while the person has frozen the account."""
        return TradingState.HALTED if self.frozen_at else self.trading_state

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.status == UserStatus.ACTIVE

    @property
    def is_superuser(self) -> bool:
        return self.role == UserRole.ADMIN

    def has_perm(self, perm: str, obj: object = None) -> bool:  # noqa: ARG002
        """Staff may look at everything; what may be changed is each admin page's own rule."""
        return self.is_active and self.is_staff and (self.is_superuser or ".view_" in perm)

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002
        return self.is_active and self.is_staff
