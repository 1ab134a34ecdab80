"""Wallets and what they hold, as staff see them."""

from django.contrib import admin

from core.admin import FactAdmin
from wallets.models import Wallet, WalletBalance


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
