"""Money between a wallet and a venue, and who paid for the way."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from core.models import ChangingModel, DeskModel
from core.money import plain
from trading.enums import StateScope, TransferKind, TransferStatus


class VenueTransfer(ChangingModel):
    """A deposit into or a withdrawal from a venue account; its id is its intent's."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="transfers"
    )
    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, related_name="transfers"
    )
    account = models.ForeignKey(
        "trading.VenueAccount", models.CASCADE, db_constraint=False, related_name="transfers"
    )
    deployment = models.TextField()
    kind = models.TextField(choices=TransferKind.choices)
    token_symbol = models.TextField()
    amount = AmountField()
    # What the venue's record says was moved; null until it is seen.
    booked_amount = AmountField(null=True, blank=True)
    # What the desk's paying for rent and fees costs the user, in the same token.
    sponsor_fee = AmountField(default=Decimal(0))
    sponsored = models.BooleanField(default=False)
    sponsored_lamports = models.BigIntegerField(default=0)
    initializes = models.BooleanField(default=False)
    status = models.TextField(choices=TransferStatus.choices, default=TransferStatus.PENDING)
    status_reason = models.TextField(blank=True, default="")
    venue_record_id = models.TextField(blank=True, default="")
    tx_hash = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "venue_transfers"
        indexes = [
            # What is on its way.
            models.Index(
                fields=["account"],
                name="venue_transfers_moving",
                condition=Q(status__in=["pending", "sent", "confirmed"]),
            ),
            # Lists of a person, newest first, go on after a key.
            models.Index(fields=["user", "-id"], name="venue_transfers_newest"),
        ]
        constraints = [
            OnDelete(field="user", name="venue_transfers_user_fk"),
            OnDelete(field="wallet", name="venue_transfers_wallet_fk"),
            OnDelete(field="account", name="venue_transfers_account_fk"),
            one_of("status", TransferStatus, "venue_transfers_status_known"),
            one_of("kind", TransferKind, "venue_transfers_kind_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="venue_transfers_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {plain(self.amount)} {self.token_symbol}"


class Sponsorship(DeskModel):
    """What the desk paid, or has reserved to pay, of the chain's fees and rent for a user."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="sponsorships",
    )  # fmt: skip
    submission_id = models.UUIDField(unique=True)
    lamports = models.BigIntegerField()
    fee = AmountField()
    token_symbol = models.TextField()
    # False once the message can never land: the reserve is free again.
    counted = models.BooleanField(default=True)

    class Meta:
        db_table = "sponsorships"
        indexes = [models.Index(fields=["user", "-created_at"], name="sponsorships_user_day")]
        constraints = [OnDelete(field="user", name="sponsorships_user_fk")]

    def __str__(self) -> str:
        return f"{self.lamports} lamports"


class TradingStateRow(models.Model):
    """How much the desk, a venue or a market lets be done; no row means everything."""

    scope = models.TextField(choices=StateScope.choices)
    key = models.TextField(blank=True, default="")
    state = models.TextField()
    reason = models.TextField(blank=True, default="")
    # The member of staff who set it; null for the desk itself.
    actor_id = models.UUIDField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "trading_states"
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="trading_states_one"),
            one_of("scope", StateScope, "trading_states_scope_known"),
            models.CheckConstraint(
                condition=Q(state__in=["active", "reduce_only", "halted"]),
                name="trading_states_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key} {self.state}"
