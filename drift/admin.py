"""Drift's and Velocity's own tables, as staff see them."""

from django.contrib import admin

from core.admin import DeploymentFilter, FactAdmin
from drift.models import DriftMarket, DriftOrder, DriftPosition, DriftTransaction

_WHOSE = "or the user's id, Telegram id, email, or the wallet's address"


@admin.register(DriftMarket)
class DriftMarketAdmin(FactAdmin):
    list_display = (
        "id", "symbol", "deployment", "market_index", "market_type", "status", "oracle_source",
        "tick_size", "step_size", "max_leverage", "updated_at",
    )  # fmt: skip
    list_filter = ("status", "market_type", DeploymentFilter)
    search_by = ("id", "symbol", "market_index")
    search_help_text = "Exactly: id, symbol or market index"


@admin.register(DriftOrder)
class DriftOrderAdmin(FactAdmin):
    list_display = (
        "id", "created_at", "user", "market", "direction", "order_type", "size", "filled_size",
        "avg_fill_price", "status", "deployment",
    )  # fmt: skip
    list_filter = ("status", "direction", "order_type", "reduce_only", DeploymentFilter)
    list_select_related = ("user", "market")
    search_by = ("id", "venue_order_id", "user", "wallet")
    search_help_text = f"Exactly: id, the venue's order id, {_WHOSE}"


@admin.register(DriftPosition)
class DriftPositionAdmin(FactAdmin):
    list_display = (
        "id", "user", "market", "side", "size", "entry_price", "mark_price", "unrealized_pnl",
        "realized_pnl", "liquidation_price", "status", "deployment", "opened_at",
    )  # fmt: skip
    list_filter = ("status", "side", DeploymentFilter)
    list_select_related = ("user", "market")
    search_by = ("id", "user", "wallet")
    search_help_text = f"Exactly: id, {_WHOSE}"


@admin.register(DriftTransaction)
class DriftTransactionAdmin(FactAdmin):
    list_display = (
        "id", "created_at", "user", "deployment", "tx_type", "status", "amount", "token_symbol",
        "tx_hash", "error_type",
    )  # fmt: skip
    list_filter = ("status", "tx_type", DeploymentFilter)
    list_select_related = ("user",)
    search_by = ("id", "tx_hash", "user", "wallet")
    search_help_text = f"Exactly: id, hash, {_WHOSE}"
