"""The book of the paper venue: what it knows of an account, kept apart from the desk's own rows."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.constraints import OnDelete
from core.fields import AmountField
from core.models import ChangingModel, DeskModel
from markets.models import Market


class PaperMarket(Market):
    """A market of the catalogue that is traded on paper, after the same one of a real venue."""

    # The catalogue's row and this one share a key: generic orders name the former.
    catalogue = models.OneToOneField(
        Market, models.CASCADE, parent_link=True, db_column="market_id", db_constraint=False,
        related_name="paper_market",
    )  # fmt: skip
    deployment = models.TextField(default="paper")
    market_index = models.IntegerField()
    initial_ratio = AmountField()
    maintenance_ratio = AmountField()
    # The last price that accounts were brought to, for when there is no younger one.
    last_price = AmountField(null=True, blank=True)
    last_price_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "paper_markets"
        constraints = [
            OnDelete(field="catalogue", name="paper_markets_market_fk"),
            models.UniqueConstraint(fields=["market_index"], name="paper_markets_one"),
            models.CheckConstraint(
                condition=Q(maintenance_ratio__gt=0)
                & Q(initial_ratio__gte=models.F("maintenance_ratio")),
                name="paper_markets_ratios",
            ),
        ]


class PaperAccount(ChangingModel):
    """A person's play money; the row that is locked before anything of the account is changed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="paper_accounts"
    )
    wallet = models.OneToOneField(
        "wallets.Wallet", models.CASCADE, db_constraint=False, related_name="paper_account"
    )
    address = models.TextField(unique=True)
    balance = AmountField(default=Decimal(0))
    # The number of the last event, and of the next order.
    sequence = models.BigIntegerField(default=0)
    next_order_id = models.BigIntegerField(default=1)
    deposited = AmountField(default=Decimal(0))
    withdrawn = AmountField(default=Decimal(0))

    class Meta:
        db_table = "paper_accounts"
        constraints = [
            OnDelete(field="user", name="paper_accounts_user_fk"),
            OnDelete(field="wallet", name="paper_accounts_wallet_fk"),
        ]

    def __str__(self) -> str:
        return self.address


class PaperOrder(DeskModel):
    """An order that rests in the paper book; one that has ended is an event, no row."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="paper_orders"
    )
    account = models.ForeignKey(
        PaperAccount, models.CASCADE, db_constraint=False, db_index=False, related_name="orders"
    )
    number = models.BigIntegerField()
    label = models.SmallIntegerField(default=0)
    market_index = models.IntegerField()
    order_type = models.TextField()
    direction = models.TextField()
    size = AmountField()
    filled_size = AmountField(default=Decimal(0))
    price = AmountField(null=True, blank=True)
    trigger_price = AmountField(null=True, blank=True)
    oracle_offset = AmountField(null=True, blank=True)
    reduce_only = models.BooleanField(default=False)
    post_only = models.BooleanField(default=False)
    immediate_or_cancel = models.BooleanField(default=False)
    triggered = models.BooleanField(default=False)
    # Whether it has rested: from then on a limit is a maker's.
    seen = models.BooleanField(default=False)
    # The moment of the price that it last filled at: the depth behind one price is given once.
    priced_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "paper_orders"
        constraints = [
            OnDelete(field="user", name="paper_orders_user_fk"),
            OnDelete(field="account", name="paper_orders_account_fk"),
            models.UniqueConstraint(fields=["account", "number"], name="paper_orders_one"),
            models.CheckConstraint(
                condition=Q(size__gt=0, filled_size__gte=0) & Q(filled_size__lt=models.F("size")),
                name="paper_orders_size",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.size.normalize():f} #{self.number}"


class PaperPosition(models.Model):
    """What an account holds in a market: `base` signed, `quote` the running sum of its money."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False,
        related_name="paper_positions",
    )  # fmt: skip
    account = models.ForeignKey(
        PaperAccount, models.CASCADE, db_constraint=False, db_index=False, related_name="positions"
    )
    market_index = models.IntegerField()
    base = AmountField()
    entry_quote = AmountField()
    quote = AmountField()
    # Funding is paid for all hours up to here.
    funded_at = models.DateTimeField()

    class Meta:
        db_table = "paper_positions"
        constraints = [
            OnDelete(field="user", name="paper_positions_user_fk"),
            OnDelete(field="account", name="paper_positions_account_fk"),
            models.UniqueConstraint(fields=["account", "market_index"], name="paper_positions_one"),
        ]

    def __str__(self) -> str:
        return f"{self.base.normalize():f} in {self.market_index}"


class PaperEvent(models.Model):
    """One step of an account, with all that it did: what a transaction is at a real venue."""

    # Its text is the signature that reports and books name.
    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="paper_events"
    )
    account = models.ForeignKey(
        PaperAccount, models.CASCADE, db_constraint=False, db_index=False, related_name="events"
    )
    sequence = models.BigIntegerField()
    cause = models.TextField()
    occurred_at = models.DateTimeField(default=timezone.now)
    told = models.JSONField(default=list)

    class Meta:
        db_table = "paper_events"
        constraints = [
            OnDelete(field="user", name="paper_events_user_fk"),
            OnDelete(field="account", name="paper_events_account_fk"),
            models.UniqueConstraint(fields=["account", "sequence"], name="paper_events_one"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.sequence}"
