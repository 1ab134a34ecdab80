"""Orders, positions, money and differences of every venue, as staff see them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.enums import TradingState
from core.admin import DeploymentFilter, FactAdmin, OpenFilter
from core.errors import DeskError
from trading.enums import StateScope
from trading.models import (
    AccountEntry,
    Difference,
    Fill,
    Order,
    OrderChange,
    PaperAccount,
    PaperEvent,
    PaperMarket,
    PaperOrder,
    PaperPosition,
    Position,
    Sponsorship,
    TradingStateRow,
    Transaction,
    VenueAccount,
    VenueGate,
    VenueOrderId,
    VenueTransfer,
    YoungMove,
)
from trading.services import check_trading_state, set_trading_state

_WHOSE = "or the user's id, Telegram id, email, or the wallet's address"


class _Resolved(OpenFilter):
    column = "resolved_at"


@admin.register(Order)
class OrderAdmin(FactAdmin):
    list_display = (
        "id", "created_at", "user", "market", "direction", "order_type", "size", "filled_size",
        "avg_fill_price", "status", "deployment",
    )  # fmt: skip
    list_filter = ("status", "direction", "order_type", "reduce_only", DeploymentFilter)
    list_select_related = ("user", "market")
    search_by = ("id", "user", "wallet")
    search_help_text = f"Exactly: id, {_WHOSE}"


@admin.register(OrderChange)
class OrderChangeAdmin(FactAdmin):
    list_display = (
        "id", "created_at", "user", "deployment", "kind", "status", "status_reason", "parent_id",
        "ended_at",
    )  # fmt: skip
    list_filter = ("kind", "status", DeploymentFilter)
    list_select_related = ("user",)
    search_by = ("id", "parent_id", "user", "wallet")
    search_help_text = f"Exactly: id, the plan's id, {_WHOSE}"


@admin.register(VenueOrderId)
class VenueOrderIdAdmin(FactAdmin):
    """The lives of an order that was changed: each change gave it another id."""

    list_display = ("id", "user", "order_id", "deployment", "venue_order_id", "size", "noted_at")
    list_filter = (DeploymentFilter,)
    list_select_related = ("user",)
    search_by = ("id", "order_id", "venue_order_id", "user")
    search_help_text = "Exactly: id, order's id, the venue's id, or the user's id, Telegram id"


@admin.register(YoungMove)
class YoungMoveAdmin(FactAdmin):
    """What a fork could still take back from an order, and how the order was before."""

    list_display = (
        "id", "user", "account", "deployment", "order_id", "tx_hash", "slot", "noted_at",
    )  # fmt: skip
    list_filter = (DeploymentFilter,)
    list_select_related = ("user", "account")
    search_by = ("id", "order_id", "tx_hash", "user")
    search_help_text = "Exactly: id, order's id, hash, or the user's id, Telegram id"


@admin.register(Position)
class PositionAdmin(FactAdmin):
    list_display = (
        "id", "user", "deployment", "market", "side", "size", "entry_price", "mark_price",
        "unrealized_pnl", "realized_pnl", "liquidation_price", "status", "opened_at", "updated_at",
    )  # fmt: skip
    list_filter = ("status", "side", DeploymentFilter)
    list_select_related = ("user", "market")
    search_by = ("id", "user", "wallet")
    search_help_text = f"Exactly: id, {_WHOSE}"


@admin.register(Transaction)
class TransactionAdmin(FactAdmin):
    list_display = (
        "id", "user", "tx_type", "status", "amount", "token_symbol", "tx_hash", "created_at",
    )  # fmt: skip
    list_filter = ("status", "tx_type")
    list_select_related = ("user",)
    search_by = ("id", "tx_hash", "user", "wallet")
    search_help_text = f"Exactly: id, hash, {_WHOSE}"


@admin.register(Fill)
class FillAdmin(FactAdmin):
    list_display = (
        "id", "user", "market", "direction", "size", "price", "fee", "realized_pnl", "is_maker",
        "origin", "deployment", "tx_hash", "filled_at",
    )  # fmt: skip
    list_filter = ("direction", "origin", DeploymentFilter)
    list_select_related = ("user", "market")
    search_by = ("id", "order_id", "position_id", "user", "wallet")
    search_help_text = f"Exactly: id, order's or position's id, {_WHOSE}"


@admin.register(VenueAccount)
class VenueAccountAdmin(FactAdmin):
    list_display = (
        "id", "wallet", "deployment", "address", "sub_account_id", "status", "collateral",
        "free_collateral", "health", "observed_at",
    )  # fmt: skip
    list_filter = ("status", DeploymentFilter)
    list_select_related = ("wallet",)
    search_by = ("id", "address", "wallet")
    search_help_text = "Exactly: id, address, or the wallet's id or address"


@admin.register(AccountEntry)
class AccountEntryAdmin(FactAdmin):
    list_display = (
        "id", "user", "deployment", "kind", "amount", "token_symbol", "tx_hash", "occurred_at",
    )  # fmt: skip
    list_filter = ("kind", DeploymentFilter)
    list_select_related = ("user",)
    search_by = ("id", "user", "account")
    search_help_text = "Exactly: id, the account's id or address, or the user's id, Telegram id"


@admin.register(Difference)
class DifferenceAdmin(FactAdmin):
    list_display = (
        "id", "account", "what", "expected", "actual", "owner", "age", "created_at",
        "last_seen_at", "escalated_at", "resolved_at",
    )  # fmt: skip
    list_filter = (_Resolved, "owner")
    list_select_related = ("account",)
    search_by = ("id", "account")
    search_help_text = "Exactly: id, or the account's id or address"

    @admin.display(description="Age")
    def age(self, row: Difference) -> str:
        """From its first sight to its end, or to now."""
        spent = (row.resolved_at or timezone.now()) - row.created_at
        return str(spent - timedelta(microseconds=spent.microseconds))


@admin.register(VenueTransfer)
class VenueTransferAdmin(FactAdmin):
    list_display = (
        "id", "user", "deployment", "kind", "amount", "booked_amount", "token_symbol", "status",
        "sponsored", "tx_hash", "created_at",
    )  # fmt: skip
    list_filter = ("status", "kind", DeploymentFilter)
    list_select_related = ("user",)
    search_by = ("id", "user", "wallet")
    search_help_text = f"Exactly: id, {_WHOSE}"


@admin.register(Sponsorship)
class SponsorshipAdmin(FactAdmin):
    list_display = (
        "id", "user", "submission_id", "lamports", "fee", "token_symbol", "counted", "created_at",
    )  # fmt: skip
    list_filter = ("counted",)
    list_select_related = ("user",)
    search_by = ("id", "submission_id", "user")
    search_help_text = "Exactly: id, the submission's id, or the user's id, Telegram id, email"


class TradingStateForm(forms.ModelForm):
    """The table takes three words; offer these, and refuse what would hold for nobody."""

    state = forms.ChoiceField(choices=TradingState.choices, widget=UnfoldAdminSelectWidget)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        scope = given.get("scope") or self.instance.scope
        if scope == StateScope.USER:
            raise forms.ValidationError("A person's state is set on the person's own page.")
        try:
            check_trading_state(
                scope=scope,
                key=given.get("key", self.instance.key),
                state=given.get("state", ""),
                reason=given.get("reason", ""),
            )
        except DeskError as error:
            raise forms.ValidationError(import_string(settings.ERROR_SENTENCE)(error)) from error
        return given


@admin.register(VenueGate)
class VenueGateAdmin(FactAdmin):
    """What the last look at each venue found; a closed one takes no new risk."""

    list_display = ("deployment", "is_open", "reasons", "checked_at", "tried_at", "failure")
    search_by = ("deployment",)
    search_help_text = "Exactly: the deployment"


@admin.register(TradingStateRow)
class TradingStateAdmin(FactAdmin):
    """Pauses of the desk, a venue or a market: the one table that an admin adds rows to."""

    form = TradingStateForm
    list_display = ("id", "scope", "key", "state", "reason", "changed_at")
    list_filter = ("scope",)
    search_by = ("id", "key")
    search_help_text = "Exactly: id or key"
    editable = ("state", "reason")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is None:
            return ["scope", "key", "state", "reason"]
        return super().get_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """By the one service that sets it, so that the log says who, from what, and why."""
        set_trading_state(
            scope=obj.scope,
            key=obj.key,
            state=obj.state,
            reason=obj.reason,
            actor_id=request.user.pk,
            now=timezone.now(),
        )
        obj.pk = TradingStateRow.objects.values_list("pk", flat=True).get(
            scope=obj.scope, key=obj.key
        )


@admin.register(PaperMarket)
class PaperMarketAdmin(FactAdmin):
    list_display = (
        "id", "symbol", "status", "tick_size", "step_size", "max_leverage", "initial_ratio",
        "maintenance_ratio", "last_price", "last_price_at",
    )  # fmt: skip
    search_help_text = "Exactly: id"


@admin.register(PaperAccount)
class PaperAccountAdmin(FactAdmin):
    list_display = ("id", "user", "address", "balance", "sequence", "deposited", "withdrawn")
    list_select_related = ("user",)
    search_help_text = "Exactly: id"


@admin.register(PaperOrder)
class PaperOrderAdmin(FactAdmin):
    list_display = (
        "id", "created_at", "user", "number", "market_index", "order_type", "direction", "size",
        "filled_size", "price", "trigger_price", "expires_at",
    )  # fmt: skip
    list_select_related = ("user",)
    search_help_text = "Exactly: id"


@admin.register(PaperPosition)
class PaperPositionAdmin(FactAdmin):
    list_display = ("id", "user", "market_index", "base", "entry_quote", "quote", "funded_at")
    list_select_related = ("user",)
    search_help_text = "Exactly: id"


@admin.register(PaperEvent)
class PaperEventAdmin(FactAdmin):
    """What happened to a paper account, in its order: the chain of play money."""

    list_display = ("id", "user", "sequence", "cause", "occurred_at")
    list_select_related = ("user",)
    search_help_text = "Exactly: id"
