"""Orders, positions and transactions of every venue that has no tables of its own."""

from decimal import Decimal

import pghistory
from django.db import models

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from trading.enums import OrderSide, OrderType, TransactionStatus, TransactionType
from trading.history import ORDER_EVENTS, POSITION_EVENTS
from trading.models.abstract import AbstractOrder, AbstractPosition, AbstractTransaction


@pghistory.track(*ORDER_EVENTS, exclude=["metadata"])
class Order(AbstractOrder):
    market = models.ForeignKey(
        "markets.Market", models.RESTRICT, db_constraint=False, db_index=False
    )
    order_type = models.TextField(choices=OrderType.choices)
    side = models.TextField(choices=OrderSide.choices)
    venue_order_id = models.TextField(null=True, blank=True)
    account_address = models.TextField(null=True, blank=True)
    market_index = models.IntegerField(null=True, blank=True)

    class Meta(AbstractOrder.Meta):
        abstract = False
        db_table = "orders"
        constraints = [
            *AbstractOrder.Meta.constraints,
            one_of("order_type", OrderType, "order_type_known"),
            one_of("side", OrderSide, "order_side_known"),
            models.UniqueConstraint(
                fields=["deployment", "account_address", "venue_order_id"],
                condition=models.Q(venue_order_id__isnull=False),
                name="order_one_venue_order",
            ),
        ]


@pghistory.track(*POSITION_EVENTS)
class Position(AbstractPosition):
    market = models.ForeignKey(
        "markets.Market", models.RESTRICT, db_constraint=False, db_index=False
    )
    mark_price = AmountField(null=True, blank=True, db_column="current_price")
    # Some venues hold several positions in one market: this tells them apart.
    venue_ref = models.TextField(default="")
    account_address = models.TextField(null=True, blank=True)
    market_index = models.IntegerField(null=True, blank=True)
    quote_asset_amount = AmountField(default=Decimal(0))
    last_price = AmountField(null=True, blank=True)

    class Meta(AbstractPosition.Meta):
        abstract = False
        db_table = "positions"
        indexes = [
            models.Index(fields=["user", "market"], name="position_user_market"),
            # Lists of a person, newest first, go on after a key.
            models.Index(fields=["user", "-id"], name="position_user_newest"),
            models.Index(fields=["status"], name="position_status"),
            models.Index(fields=["opened_at"], name="position_opened"),
        ]
        constraints = [
            *AbstractPosition.Meta.constraints,
            models.UniqueConstraint(
                fields=["wallet", "market", "side", "venue_ref"],
                condition=models.Q(status="open"),
                name="position_one_open",
            ),
        ]


class Transaction(AbstractTransaction):
    """A partitioned table, made by SQL (one partition a month of `created_at`)."""

    tx_type = models.TextField(choices=TransactionType.choices)
    tx_hash = models.TextField(null=True, blank=True)
    from_address = models.TextField(null=True, blank=True)
    to_address = models.TextField(null=True, blank=True)
    # Of a venue's act; null for what moves between wallets.
    deployment = models.TextField(null=True, blank=True)

    class Meta(AbstractTransaction.Meta):
        abstract = False
        db_table = "transactions"
        indexes = [
            models.Index(fields=["user", "-created_at"], name="transaction_user_created"),
            # Lists of a person, newest first, go on after a key.
            models.Index(fields=["user", "-id"], name="transaction_user_newest"),
            models.Index(fields=["wallet", "tx_type"], name="transaction_wallet_type"),
            models.Index(fields=["tx_hash"], name="transaction_hash"),
            models.Index(fields=["status"], name="transaction_status"),
        ]
        constraints = [
            OnDelete(field="user", name="transaction_user_fk"),
            OnDelete(field="wallet", name="transaction_wallet_fk"),
            one_of("status", TransactionStatus, "transaction_status_known"),
            one_of("tx_type", TransactionType, "transaction_type_known"),
        ]
