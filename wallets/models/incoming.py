"""Money that reached a wallet from outside, and how far each account was looked through for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.constraints import OnDelete, one_of
from core.fields import AmountField, UnitsField
from core.models import ChangingModel, DeskModel
from core.money import plain
from wallets.enums import IncomingStatus


class IncomingTransfer(DeskModel):
    """One transfer into a wallet by a finalized transaction that the wallet did not sign.

    `index` is the place of its instruction among all of the transaction's, inner ones too.
    """

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
    # Dust, tokens that anybody can make, and what is old news: listed, and not told in the chat.
    is_quiet = models.BooleanField(default=False)
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
        return f"{plain(self.amount)} {self.token_symbol} from {self.from_address}"


class WatchedAccount(ChangingModel):
    """An account of a wallet, and what it held after the last transaction that was looked at.

    From one look to the next, the transactions between must add up to the difference.
    """

    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, db_index=False,
        related_name="watched_accounts",
    )  # fmt: skip
    address = models.TextField()
    # Empty for SOL.
    token_mint = models.TextField(blank=True, default="")
    units = UnitsField(default=0)
    signature = models.TextField(blank=True, default="")
    slot = models.BigIntegerField(default=0)
    # When the wallet's other token accounts were last searched for; of its SOL account alone.
    searched_at = models.DateTimeField(null=True, blank=True)
    # When the wallet was last looked at, and until when that is done in every round; of its SOL
    # account alone.
    looked_at = models.DateTimeField(null=True, blank=True)
    close_until = models.DateTimeField(null=True, blank=True)
    # Looks in a row whose transactions did not add up.
    gaps = models.IntegerField(default=0)

    class Meta:
        db_table = "watched_accounts"
        constraints = [
            OnDelete(field="wallet", name="watched_accounts_wallet_fk"),
            models.UniqueConstraint(fields=["wallet", "address"], name="watched_accounts_one"),
        ]

    def __str__(self) -> str:
        return f"{self.address} at {self.slot}"
