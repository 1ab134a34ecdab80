"""Wallets and what they hold, as staff see them."""

from django.contrib import admin

from core.admin import FactAdmin
from wallets.models import (
    IncomingTransfer,
    Wallet,
    WalletBalance,
    WatchedAccount,
    Withdrawal,
    WithdrawalAddress,
    WithdrawalAllowance,
)


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
    search_help_text = "Exactly: id, addresses, or the user's id, Telegram id, email"


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
