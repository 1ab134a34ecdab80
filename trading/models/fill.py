"""Every fill of every venue, once."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from core.models import DeskModel
from core.money import plain
from trading.enums import Direction, FillOrigin, Side


class Fill(DeskModel):
    """One account's side of one match; two of our users may share a match, with a row each.

    `fee` is what the account paid (negative: it was paid), `realized_pnl` is after that fee.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="fills",
    )  # fmt: skip
    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, related_name="fills"
    )
    market = models.ForeignKey(
        "markets.Market", models.RESTRICT, db_constraint=False, db_index=False
    )
    deployment = models.TextField()
    order_id = models.UUIDField(null=True, blank=True, db_index=True)
    position_id = models.UUIDField(null=True, blank=True, db_index=True)
    side = models.TextField(choices=Side.choices)
    direction = models.TextField(choices=Direction.choices)
    size = AmountField()
    price = AmountField()
    quote = AmountField(default=Decimal(0))
    fee = AmountField(default=Decimal(0))
    realized_pnl = AmountField(default=Decimal(0))
    is_maker = models.BooleanField(default=False)
    venue_fill_id = models.TextField()
    # The venue's id of the order at the moment of the fill; '' where it told none.
    venue_order_id = models.TextField(blank=True, default="")
    account = models.TextField()
    tx_hash = models.TextField(null=True, blank=True)
    slot = models.BigIntegerField(null=True, blank=True)
    # The place in its transaction: with the slot, the order in which fills are counted.
    event_index = models.IntegerField(default=0)
    # False while a fork may still take the transaction back.
    is_final = models.BooleanField(default=True)
    origin = models.TextField(choices=FillOrigin.choices, default=FillOrigin.OURS)
    filled_at = models.DateTimeField()

    class Meta:
        db_table = "fills"
        indexes = [
            models.Index(fields=["user", "-filled_at"], name="fills_user_filled"),
            # The sums of an account.
            models.Index(fields=["account"], name="fills_account"),
            # What a fork may still take back.
            models.Index(
                fields=["deployment", "account"], name="fills_young", condition=Q(is_final=False)
            ),
            # Lists of a person, newest first, go on after a key.
            models.Index(fields=["user", "-id"], name="fills_user_newest"),
        ]
        constraints = [
            OnDelete(field="user", name="fills_user_fk"),
            OnDelete(field="wallet", name="fills_wallet_fk"),
            OnDelete(field="market", name="fills_market_fk"),
            models.UniqueConstraint(
                fields=["deployment", "market", "venue_fill_id", "account"], name="fills_once"
            ),
            one_of("side", Side, "fills_side_known"),
            one_of("direction", Direction, "fills_direction_known"),
            one_of("origin", FillOrigin, "fills_origin_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="fills_size"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {plain(self.size)} at {plain(self.price)}"
