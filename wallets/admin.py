"""Wallets and what they hold, as staff see them."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.admin import FactAdmin, ReasonForm, each_apart
from wallets.models import (
    IncomingTransfer,
    Wallet,
    WalletBalance,
    WatchedAccount,
    Withdrawal,
    WithdrawalAddress,
    WithdrawalAllowance,
)
from wallets.services import approve_withdrawal, hold_withdrawal, reject_withdrawal
from wallets.services.review_withdrawal import MAY_REVIEW


@admin.register(Wallet)
class WalletAdmin(FactAdmin):
    list_display = (
        "id", "user", "wallet_address", "wallet_type", "chain_type", "status", "last_synced_at",
        "created_at",
    )  # fmt: skip
    list_filter = ("status", "wallet_type", "chain_type")
    list_select_related = ("user",)
    search_by = ("id", "wallet_address", "privy_wallet_id", "user")
    search_help_text = "Exactly: id, address, or the user's id, Telegram id, email"


@admin.register(WalletBalance)
class WalletBalanceAdmin(FactAdmin):
    list_display = (
        "id", "wallet", "token_symbol", "balance", "locked_balance", "available_balance",
        "observed_slot", "updated_at",
    )  # fmt: skip
    list_select_related = ("wallet",)
    search_by = ("id", "wallet")
    search_help_text = "Exactly: id, or the wallet's id or address"


@admin.register(WithdrawalAddress)
class WithdrawalAddressAdmin(FactAdmin):
    list_display = ("id", "user", "label", "address", "created_at", "usable_at", "removed_at")
    list_select_related = ("user",)
    search_by = ("id", "address", "user")
    search_help_text = "Exactly: id, address, or the user's id, Telegram id, email"


@admin.register(Withdrawal)
class WithdrawalAdmin(FactAdmin):
    list_display = (
        "id", "user", "amount", "token_symbol", "to_address", "status", "created_at",
        "release_at", "approved_by", "tx_hash",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("user", "approved_by")
    search_by = ("id", "to_address", "user", "wallet")
    action_form = ReasonForm
    actions = ("approve", "hold", "reject")
    search_help_text = "Exactly: id, addresses, or the user's id, Telegram id, email"

    def has_review_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "role", "") in MAY_REVIEW

    @admin.action(description="Approve", permissions=["review"])
    def approve(self, request: HttpRequest, queryset: "QuerySet[Withdrawal]") -> None:
        """As a second person: never one's own, nor what nobody has confirmed."""
        now = timezone.now()
        each_apart(
            self, request, queryset,
            lambda row: approve_withdrawal(withdrawal_id=row.pk, staff_id=_me(request), now=now),
        )  # fmt: skip

    @admin.action(description="Hold", permissions=["review"])
    def hold(self, request: HttpRequest, queryset: "QuerySet[Withdrawal]") -> None:
        reason = _reason(request, "held by staff")
        each_apart(
            self, request, queryset,
            lambda row: hold_withdrawal(
                withdrawal_id=row.pk, staff_id=_me(request), reason=reason
            ),
        )  # fmt: skip

    @admin.action(description="Reject", permissions=["review"])
    def reject(self, request: HttpRequest, queryset: "QuerySet[Withdrawal]") -> None:
        reason, now = _reason(request, "rejected by staff"), timezone.now()
        each_apart(
            self, request, queryset,
            lambda row: reject_withdrawal(
                withdrawal_id=row.pk, staff_id=_me(request), reason=reason, now=now
            ),
        )  # fmt: skip


def _me(request: HttpRequest) -> uuid.UUID:
    staff: Any = request.user
    found: uuid.UUID = staff.pk
    return found


def _reason(request: HttpRequest, otherwise: str) -> str:
    return " ".join(request.POST.get("reason", "").split())[:200] or otherwise


@admin.register(WithdrawalAllowance)
class WithdrawalAllowanceAdmin(FactAdmin):
    list_display = ("id", "user", "unit", "updated_at")
    list_select_related = ("user",)
    search_by = ("id", "user")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email"


@admin.register(IncomingTransfer)
class IncomingTransferAdmin(FactAdmin):
    list_display = (
        "id", "user", "amount", "token_symbol", "from_address", "status", "signature",
        "occurred_at",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("user",)
    search_by = ("id", "user", "wallet")
    search_help_text = "Exactly: id, or the user's id, Telegram id, email, or the wallet's address"


@admin.register(WatchedAccount)
class WatchedAccountAdmin(FactAdmin):
    list_display = ("id", "wallet", "address", "token_mint", "units", "slot", "gaps", "updated_at")
    list_select_related = ("wallet",)
    search_by = ("id", "wallet")
    search_help_text = "Exactly: id, or the wallet's id or address"
