"""A wallet's account at a venue deployment, and what moved money in it."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from core.models import ChangingModel, DeskModel
from core.money import plain
from trading.enums import EntryKind, VenueAccountStatus

# Stands before the key of an entry that no transaction made.
NO_TRANSACTION = "no transaction "
_OF_TOKEN = frozenset(
    {
        EntryKind.DEPOSIT,
        EntryKind.WITHDRAWAL,
        EntryKind.SETTLEMENT,
        EntryKind.INTEREST,
        EntryKind.TRANSFER,
    }
)


def is_of_token(kind: str, market_index: int | None) -> bool:
    """Whether an entry moved the token balance; the others moved a market's running sum."""
    if kind in (EntryKind.LIQUIDATION, EntryKind.CORRECTION):
        return market_index is None
    return kind in _OF_TOKEN


class VenueAccount(ChangingModel):
    """The row that is locked before anything about an account is decided or booked."""

    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, db_index=False,
        related_name="venue_accounts",
    )  # fmt: skip
    deployment = models.TextField()
    address = models.TextField()
    sub_account_id = models.IntegerField(default=0)
    status = models.TextField(choices=VenueAccountStatus.choices, default=VenueAccountStatus.ABSENT)
    collateral = AmountField(null=True, blank=True)
    free_collateral = AmountField(null=True, blank=True)
    health = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    observed_slot = models.BigIntegerField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    # A hash of the bytes last decoded: what has not changed is not decoded again.
    observed_hash = models.TextField(blank=True, default="")
    # The account's own numbers at that slot: counters, token amounts, positions in base units.
    state = models.JSONField(default=dict, blank=True)
    # All transactions up to this finalized one are booked.
    scanned_signature = models.TextField(blank=True, default="")
    scanned_slot = models.BigIntegerField(null=True, blank=True)
    # Set when something of ours is under way, so that the account is looked at soon.
    wanted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "venue_accounts"
        indexes = [
            models.Index(fields=["deployment", "observed_at"], name="venue_accounts_observed"),
            models.Index(fields=["address"], name="venue_accounts_address"),
            # Those to be looked at soon.
            models.Index(
                fields=["deployment"],
                name="venue_accounts_wanted",
                condition=models.Q(wanted_at__isnull=False),
            ),
        ]
        constraints = [
            OnDelete(field="wallet", name="venue_accounts_wallet_fk"),
            models.UniqueConstraint(
                fields=["wallet", "deployment", "sub_account_id"], name="venue_accounts_one"
            ),
            one_of("status", VenueAccountStatus, "venue_accounts_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.deployment} {self.address}"


class AccountEntry(DeskModel):
    """One movement of money in a venue account that is no fill, as the venue recorded it.

    `amount` is signed as the account's owner feels it, in units of `token_symbol`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="account_entries",
    )  # fmt: skip
    account = models.ForeignKey(
        VenueAccount, models.CASCADE, db_constraint=False, related_name="entries"
    )
    deployment = models.TextField()
    kind = models.TextField(choices=EntryKind.choices)
    token_symbol = models.TextField()
    amount = AmountField()
    market_index = models.IntegerField(null=True, blank=True)
    position_id = models.UUIDField(null=True, blank=True)
    order_id = models.UUIDField(null=True, blank=True)
    tx_hash = models.TextField()
    event_index = models.IntegerField()
    slot = models.BigIntegerField(null=True, blank=True)
    # False while a fork may still take the transaction back.
    is_final = models.BooleanField(default=True)
    # Read off the account's state, where no event tells of it.
    is_derived = models.BooleanField(default=False)
    occurred_at = models.DateTimeField(default=timezone.now)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "account_entries"
        indexes = [
            models.Index(fields=["user", "-occurred_at"], name="account_entries_user"),
            # What a fork may still take back.
            models.Index(
                fields=["deployment", "account"],
                name="account_entries_young",
                condition=models.Q(is_final=False),
            ),
            # Lists of a person, newest first, go on after a key.
            models.Index(fields=["user", "-id"], name="account_entries_newest"),
        ]
        constraints = [
            OnDelete(field="user", name="account_entries_user_fk"),
            OnDelete(field="account", name="account_entries_account_fk"),
            one_of("kind", EntryKind, "account_entries_kind_known"),
            models.UniqueConstraint(
                fields=["account", "tx_hash", "event_index", "kind"], name="account_entries_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {plain(self.amount)} {self.token_symbol}"

    @property
    def signature(self) -> str:
        """The transaction it was in; nothing for what many or none made (interest)."""
        return "" if self.tx_hash.startswith(NO_TRANSACTION) else self.tx_hash

    @property
    def is_of_token(self) -> bool:
        """Whether it moved the token balance; the others moved a market's running sum."""
        return is_of_token(self.kind, self.market_index)


class Difference(DeskModel):
    """Where the venue and our books disagree, until it is explained."""

    account = models.ForeignKey(
        VenueAccount, models.CASCADE, db_constraint=False, related_name="differences"
    )
    what = models.TextField()
    expected = AmountField()
    actual = AmountField()
    # "books" while what is read next may explain it, "ops" from then on.
    owner = models.TextField(default="books")
    escalated_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    explanation = models.TextField(blank=True, default="")

    class Meta:
        db_table = "differences"
        constraints = [
            OnDelete(field="account", name="differences_account_fk"),
            models.UniqueConstraint(
                fields=["account", "what"],
                condition=models.Q(resolved_at__isnull=True),
                name="differences_one_open",
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def amount(self) -> Decimal:
        return Decimal(self.actual - self.expected)
