"""Money that reached a wallet from outside."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from core.models import DeskModel
from wallets.enums import IncomingStatus


class IncomingTransfer(DeskModel):
    """One increase of a wallet's token by a finalized transaction that is none of ours."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False,
        related_name="incoming_transfers",
    )  # fmt: skip
    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, db_index=False,
        related_name="incoming_transfers",
    )  # fmt: skip
    signature = models.TextField()
    token_symbol = models.TextField()
    # Empty for SOL.
    token_mint = models.TextField(blank=True, default="")
    index = models.IntegerField(default=0)
    amount = AmountField()
    # Empty where the transaction does not show one sender.
    from_address = models.TextField(blank=True, default="")
    status = models.TextField(choices=IncomingStatus.choices, default=IncomingStatus.ARRIVED)
    slot = models.BigIntegerField()
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "incoming_transfers"
        constraints = [
            OnDelete(field="user", name="incoming_transfers_user_fk"),
            OnDelete(field="wallet", name="incoming_transfers_wallet_fk"),
            one_of("status", IncomingStatus, "incoming_transfers_status_known"),
            models.UniqueConstraint(
                fields=["wallet", "signature", "token_mint", "index"],
                name="incoming_transfers_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="incoming_transfers_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.token_symbol} from {self.from_address}"
