"""What every venue's orders, positions and transactions have in common.

A venue with tables of its own extends these and keeps its own column names by db_column; code
above reads the attribute names, which are the same everywhere.
"""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.constraints import OnDelete, one_of
from core.fields import AmountField, KeyField, LeverageField
from core.models import ChangingModel
from trading.enums import (
    Direction,
    FillOrigin,
    OrderRole,
    OrderStatus,
    PositionStatus,
    Side,
    TransactionStatus,
)


class AbstractOrder(ChangingModel):
    """An order from the moment it is placed with us; sizes in base units, prices in quote."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="%(class)ss",
    )  # fmt: skip
    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, related_name="%(class)ss"
    )
    deployment = models.TextField()
    side = models.TextField(choices=Side.choices)
    direction = models.TextField(choices=Direction.choices)
    size = AmountField()
    # The limit of a limit order, the worst acceptable price of a taker.
    price = AmountField(null=True, blank=True)
    trigger_price = AmountField(null=True, blank=True)
    leverage = LeverageField(default=Decimal(1))
    reduce_only = models.BooleanField(default=False)
    post_only = models.BooleanField(default=False)
    immediate_or_cancel = models.BooleanField(default=False)
    # Of the oracle's price, in quote and signed: such an order has no price of its own.
    oracle_offset = AmountField(null=True, blank=True)
    role = models.TextField(choices=OrderRole.choices, default=OrderRole.ENTRY)
    # What a stop belongs to: the entry that it came with, or the position that it was set on.
    parent_id = models.UUIDField(null=True, blank=True)
    guards_position_id = models.UUIDField(null=True, blank=True)
    status = models.TextField(choices=OrderStatus.choices, default=OrderStatus.PENDING)
    # A stable code that says why it ended as it did.
    status_reason = models.TextField(blank=True, default="")
    origin = models.TextField(choices=FillOrigin.choices, default=FillOrigin.OURS)
    filled_size = AmountField(default=Decimal(0))
    avg_fill_price = AmountField(null=True, blank=True)
    total_fees = AmountField(default=Decimal(0))
    # The number by which the venue's account labels it until its own id is known.
    venue_label = models.SmallIntegerField(null=True, blank=True)
    filled_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # When the venue itself drops the order; null is never.
    expires_at = models.DateTimeField(null=True, blank=True)
    # Past it no message of the order is signed; null for what was made elsewhere.
    deadline = models.DateTimeField(null=True, blank=True)
    # What the limits of the day and the margin under way count.
    notional = AmountField(null=True, blank=True)
    initial_margin = AmountField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["user", "status"], name="%(class)s_user_status"),
            # Lists of a person, newest first, go on after a key.
            models.Index(fields=["user", "-id"], name="%(class)s_user_newest"),
            models.Index(fields=["market", "status"], name="%(class)s_market_status"),
            models.Index(fields=["created_at"], name="%(class)s_created"),
            models.Index(fields=["expires_at"], name="%(class)s_expires"),
            # The stops of an entry.
            models.Index(
                fields=["parent_id"], name="%(class)s_parent", condition=Q(parent_id__isnull=False)
            ),
            # What is under way or rests in an account.
            models.Index(
                fields=["wallet", "deployment"],
                name="%(class)s_live",
                condition=Q(status__in=["pending", "open", "partially_filled"]),
            ),
        ]
        constraints = [
            OnDelete(field="user", name="%(class)s_user_fk"),
            OnDelete(field="wallet", name="%(class)s_wallet_fk"),
            OnDelete(field="market", name="%(class)s_market_fk"),
            one_of("direction", Direction, "%(class)s_direction_known"),
            one_of("status", OrderStatus, "%(class)s_status_known"),
            one_of("origin", FillOrigin, "%(class)s_origin_known"),
            one_of("role", OrderRole, "%(class)s_role_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="%(class)s_size"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gt=0), name="%(class)s_price"
            ),
            models.CheckConstraint(
                condition=Q(trigger_price__isnull=True) | Q(trigger_price__gt=0),
                name="%(class)s_trigger_price",
            ),
            models.CheckConstraint(condition=Q(leverage__gt=0), name="%(class)s_leverage"),
            models.CheckConstraint(
                condition=Q(filled_size__gte=0, filled_size__lte=F("size")),
                name="%(class)s_filled_size",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.size.normalize():f} {self.status}"


class AbstractPosition(models.Model):
    """What is held in one market; a closed one stays as history with its realised PnL."""

    id = KeyField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="%(class)ss",
    )  # fmt: skip
    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, db_index=False,
        related_name="%(class)ss",
    )  # fmt: skip
    deployment = models.TextField()
    side = models.TextField(choices=Side.choices)
    size = AmountField()
    peak_size = AmountField(default=Decimal(0))
    entry_price = AmountField()
    # What the present size cost, exactly; entry_price is this over the size.
    entry_quote = AmountField(default=Decimal(0))
    exit_price = AmountField(null=True, blank=True)
    mark_price = AmountField(null=True, blank=True)
    leverage = LeverageField(default=Decimal(1))
    margin = AmountField(default=Decimal(0))
    unrealized_pnl = AmountField(default=Decimal(0))
    # Accrued and not yet paid; part of the unrealised PnL.
    unsettled_funding = AmountField(default=Decimal(0))
    realized_pnl = AmountField(default=Decimal(0))
    fees = AmountField(default=Decimal(0))
    funding = AmountField(default=Decimal(0))
    liquidation_price = AmountField(null=True, blank=True)
    status = models.TextField(choices=PositionStatus.choices, default=PositionStatus.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        constraints = [
            OnDelete(field="user", name="%(class)s_user_fk"),
            OnDelete(field="wallet", name="%(class)s_wallet_fk"),
            OnDelete(field="market", name="%(class)s_market_fk"),
            one_of("side", Side, "%(class)s_side_known"),
            one_of("status", PositionStatus, "%(class)s_status_known"),
            models.CheckConstraint(condition=Q(size__gte=0), name="%(class)s_size"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.size.normalize():f} {self.status}"


class AbstractTransaction(ChangingModel):
    """One message on the chain as its owner sees it; its id is the submission's."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="%(class)ss",
    )  # fmt: skip
    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, db_index=False,
        related_name="%(class)ss",
    )  # fmt: skip
    status = models.TextField(choices=TransactionStatus.choices, default=TransactionStatus.PENDING)
    amount = AmountField(null=True, blank=True)
    token_symbol = models.TextField(null=True, blank=True)
    gas_fee = AmountField(null=True, blank=True)
    block_number = models.BigIntegerField(null=True, blank=True)
    block_timestamp = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.status} {self.id}"
