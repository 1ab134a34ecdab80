"""Drift's and Velocity's own tables; each row names its deployment."""

from decimal import Decimal

import pghistory
from django.db import models
from django.db.models import Q

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from drift.enums import DriftMarketStatus, DriftOrderType, DriftTransactionType
from markets.enums import MarketType
from markets.models import AbstractMarket
from trading.enums import Side, TransactionStatus
from trading.history import ORDER_EVENTS, POSITION_EVENTS
from trading.models.abstract import AbstractOrder, AbstractPosition, AbstractTransaction


class DriftMarket(AbstractMarket):
    """What only Drift knows of a market; the catalogue's row is `catalogue`."""

    catalogue = models.OneToOneField(
        "markets.Market", models.RESTRICT, db_constraint=False, db_column="market_id",
        related_name="drift_market",
    )  # fmt: skip
    deployment = models.TextField()
    market_index = models.IntegerField()
    category = models.TextField(null=True, blank=True)
    oracle_source = models.TextField(null=True, blank=True)
    oracle_address = models.TextField(blank=True, default="")
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "drift_markets"
        indexes = [
            models.Index(fields=["symbol"], name="drift_markets_symbol"),
            models.Index(fields=["market_index"], name="drift_markets_index"),
            models.Index(fields=["status"], name="drift_markets_status"),
        ]
        constraints = [
            OnDelete(field="catalogue", name="drift_markets_market_fk"),
            models.UniqueConstraint(
                fields=["deployment", "market_type", "market_index"], name="drift_markets_one"
            ),
            models.UniqueConstraint(
                fields=["deployment", "market_type", "symbol"], name="drift_markets_one_symbol"
            ),
            models.CheckConstraint(
                condition=Q(market_type__in=[MarketType.PERPETUAL, MarketType.SPOT]),
                name="drift_markets_type_known",
            ),
            one_of("status", DriftMarketStatus, "drift_markets_status_known"),
        ]


@pghistory.track(*ORDER_EVENTS, exclude=["metadata"])
class DriftOrder(AbstractOrder):
    market = models.ForeignKey(
        DriftMarket, models.RESTRICT, db_constraint=False, db_index=False, related_name="orders"
    )
    order_type = models.TextField(choices=DriftOrderType.choices)
    size = AmountField(db_column="base_asset_amount")
    filled_size = AmountField(db_column="filled_amount", default=Decimal(0))
    venue_order_id = models.TextField(
        null=True, blank=True, db_column="drift_order_id", db_index=True
    )
    account_address = models.TextField(null=True, blank=True, db_column="drift_user_account")
    market_index = models.IntegerField()

    class Meta(AbstractOrder.Meta):
        abstract = False
        db_table = "drift_orders"
        constraints = [
            *AbstractOrder.Meta.constraints,
            one_of("order_type", DriftOrderType, "driftorder_type_known"),
            one_of("side", Side, "driftorder_side_known"),
            models.UniqueConstraint(
                fields=["deployment", "account_address", "venue_order_id"],
                condition=Q(venue_order_id__isnull=False),
                name="driftorder_one_venue_order",
            ),
        ]


@pghistory.track(*POSITION_EVENTS, exclude=["metadata"])
class DriftPosition(AbstractPosition):
    market = models.ForeignKey(
        DriftMarket, models.RESTRICT, db_constraint=False, related_name="positions"
    )
    account_address = models.TextField(null=True, blank=True, db_column="drift_user_account")
    market_index = models.IntegerField()
    size = AmountField(db_column="base_asset_amount")
    quote_asset_amount = AmountField(default=Decimal(0))
    last_price = AmountField(null=True, blank=True)
    margin = AmountField(db_column="margin_amount", default=Decimal(0))
    metadata = models.JSONField(default=dict, blank=True)

    class Meta(AbstractPosition.Meta):
        abstract = False
        db_table = "drift_positions"
        indexes = [
            models.Index(fields=["user", "status"], name="driftposition_user_status"),
            # Lists of a person, newest first, go on after a key.
            models.Index(fields=["user", "-id"], name="driftposition_user_newest"),
            models.Index(fields=["wallet"], name="driftposition_wallet"),
            models.Index(fields=["status"], name="driftposition_status"),
        ]
        constraints = [
            *AbstractPosition.Meta.constraints,
            models.UniqueConstraint(
                fields=["wallet", "market"],
                condition=Q(status="open"),
                name="driftposition_one_open",
            ),
        ]


class DriftTransaction(AbstractTransaction):
    deployment = models.TextField()
    tx_type = models.TextField(choices=DriftTransactionType.choices)
    tx_hash = models.TextField(null=True, blank=True, unique=True)
    order = models.ForeignKey(
        DriftOrder, models.SET_NULL, db_constraint=False, null=True, blank=True,
        related_name="transactions",
    )  # fmt: skip
    position = models.ForeignKey(
        DriftPosition, models.SET_NULL, db_constraint=False, null=True, blank=True,
        related_name="transactions",
    )  # fmt: skip
    market_index = models.IntegerField(null=True, blank=True)
    retry_count = models.IntegerField(default=0)
    error_message = models.TextField(null=True, blank=True)
    error_type = models.TextField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractTransaction.Meta):
        abstract = False
        db_table = "drift_transactions"
        indexes = [
            models.Index(fields=["user", "created_at"], name="drifttransaction_user_created"),
            # Lists of a person, newest first, go on after a key.
            models.Index(fields=["user", "-id"], name="drifttransaction_user_newest"),
            models.Index(fields=["wallet"], name="drifttransaction_wallet"),
            models.Index(fields=["status"], name="drifttransaction_status"),
            models.Index(fields=["tx_type"], name="drifttransaction_type"),
        ]
        constraints = [
            OnDelete(field="user", name="drifttransaction_user_fk"),
            OnDelete(field="wallet", name="drifttransaction_wallet_fk"),
            OnDelete(field="order", name="drifttransaction_order_fk"),
            OnDelete(field="position", name="drifttransaction_position_fk"),
            one_of("status", TransactionStatus, "drifttransaction_status_known"),
            one_of("tx_type", DriftTransactionType, "drifttransaction_type_known"),
        ]
