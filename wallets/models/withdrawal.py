"""Money that leaves the house: where it may go, how much of it, and each time that it does."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from core.models import ChangingModel, DeskModel
from core.money import plain
from wallets.enums import WITHDRAWAL_WAITING, WithdrawalStatus


class WithdrawalAddress(DeskModel):
    """An address of a person's own that money may leave for, once it has cooled off."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False,
        related_name="withdrawal_addresses",
    )  # fmt: skip
    label = models.TextField()
    address = models.TextField()
    usable_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "withdrawal_addresses"
        constraints = [
            OnDelete(field="user", name="withdrawal_addresses_user_fk"),
            models.UniqueConstraint(
                fields=["user", "address"],
                condition=Q(removed_at__isnull=True),
                name="withdrawal_addresses_one",
            ),
            models.UniqueConstraint(
                fields=["user", "label"],
                condition=Q(removed_at__isnull=True),
                name="withdrawal_addresses_label",
            ),
            models.CheckConstraint(
                condition=Q(address__regex=r"^[1-9A-HJ-NP-Za-km-z]{32,44}$"),
                name="withdrawal_addresses_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.address}"


class Withdrawal(ChangingModel):
    """One transfer from a person's wallet to an address; its id is its intent's."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="withdrawals"
    )
    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, related_name="withdrawals"
    )
    # Null for what goes back to whom it came from.
    address = models.ForeignKey(
        WithdrawalAddress, models.SET_NULL, db_constraint=False, null=True, blank=True,
        related_name="withdrawals",
    )  # fmt: skip
    to_address = models.TextField()
    token_symbol = models.TextField()
    # Empty for SOL.
    token_mint = models.TextField(blank=True, default="")
    # What was confirmed; with a venue before it, what is sent is what the venue has paid.
    amount = AmountField()
    sent_amount = AmountField(null=True, blank=True)
    fee_lamports = models.BigIntegerField(null=True, blank=True)
    # In what its limits are counted (see wallets/limits.py); empty for a return.
    unit = models.TextField(blank=True, default="")
    source_deployment = models.TextField(blank=True, default="")
    source_transfer_id = models.UUIDField(null=True, blank=True, unique=True)
    incoming = models.ForeignKey(
        "wallets.IncomingTransfer", models.SET_NULL, db_constraint=False, null=True, blank=True,
        related_name="returns",
    )  # fmt: skip
    status = models.TextField(
        choices=WithdrawalStatus.choices, default=WithdrawalStatus.AWAITING_CODE
    )
    status_reason = models.TextField(blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    release_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, db_constraint=False, null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    approved_at = models.DateTimeField(null=True, blank=True)
    tx_hash = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "withdrawals"
        indexes = [
            # What waits for a moment, for staff or for a venue.
            models.Index(
                fields=["status", "release_at"],
                name="withdrawals_waiting",
                condition=Q(status__in=sorted(WITHDRAWAL_WAITING)),
            ),
        ]
        constraints = [
            OnDelete(field="user", name="withdrawals_user_fk"),
            OnDelete(field="wallet", name="withdrawals_wallet_fk"),
            OnDelete(field="address", name="withdrawals_address_fk"),
            OnDelete(field="incoming", name="withdrawals_incoming_fk"),
            OnDelete(field="approved_by", name="withdrawals_approved_by_fk"),
            one_of("status", WithdrawalStatus, "withdrawals_status_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="withdrawals_amount"),
            models.CheckConstraint(
                condition=Q(sent_amount__isnull=True) | Q(sent_amount__gt=0),
                name="withdrawals_sent_amount",
            ),
            # What came in goes back once.
            models.UniqueConstraint(
                fields=["incoming"],
                condition=~Q(status__in=["cancelled", "rejected", "not_executed", "failed"]),
                name="withdrawals_one_return",
            ),
            # Nobody both asks for a withdrawal and approves it.
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("user")),
                name="withdrawals_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.token_symbol} to {self.to_address}"


class WithdrawalAllowance(ChangingModel):
    """What a person has under way or sent in the last day, in one unit.

    `reservations` is withdrawal id → {"amount", "at"}: all that the limit counts is in this one
    row, so that one conditional UPDATE can hold it against any number of withdrawals at once.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="withdrawal_allowances",
    )  # fmt: skip
    unit = models.TextField()
    reservations = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "withdrawal_allowances"
        constraints = [
            OnDelete(field="user", name="withdrawal_allowances_user_fk"),
            models.UniqueConstraint(fields=["user", "unit"], name="withdrawal_allowances_one"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.unit}"
