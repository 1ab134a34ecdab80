"""The catalogue of markets, as staff see it."""

from django.contrib import admin

from core.admin import DexFilter, FactAdmin
from markets.models import Market


@admin.register(Market)
class MarketAdmin(FactAdmin):
    """What the venues say of their markets; staff pause one by its trading state."""

    list_display = (
        "id", "symbol", "dex_name", "market_type", "status", "tick_size", "step_size",
        "min_order_size", "max_leverage", "updated_at",
    )  # fmt: skip
    list_filter = ("status", "market_type", DexFilter)
    search_by = ("id", "symbol")
    search_help_text = "Exactly: id or symbol"
