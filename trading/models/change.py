"""Changes of orders, the ids that an order has had at its venue, and what may be taken back."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from core.models import ChangingModel, DeskModel
from trading.enums import ChangeKind, ChangeStatus


class OrderChange(ChangingModel):
    """A cancel, a modify, or a plan of several acts; its id is its intent's.

    A plan (stops, close all, panic) has no message of its own: `wanted` lists its acts, each of
    which is placed under a key made from this row's id, so that it is placed once.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="order_changes",
    )  # fmt: skip
    wallet = models.ForeignKey(
        "wallets.Wallet", models.CASCADE, db_constraint=False, related_name="order_changes"
    )
    # '' for a plan over several venues.
    deployment = models.TextField(blank=True, default="")
    kind = models.TextField(choices=ChangeKind.choices)
    order_ids = models.JSONField(default=list)
    wanted = models.JSONField(default=dict, blank=True)
    status = models.TextField(choices=ChangeStatus.choices, default=ChangeStatus.PENDING)
    status_reason = models.TextField(blank=True, default="")
    # What it belongs to: the plan, or nothing.
    parent_id = models.UUIDField(null=True, blank=True)
    deadline = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "order_changes"
        indexes = [
            models.Index(fields=["user", "-created_at"], name="order_changes_user"),
            # What is under way in an account.
            models.Index(
                fields=["wallet", "deployment"],
                name="order_changes_live",
                condition=models.Q(status="pending"),
            ),
        ]
        constraints = [
            OnDelete(field="user", name="order_changes_user_fk"),
            OnDelete(field="wallet", name="order_changes_wallet_fk"),
            one_of("kind", ChangeKind, "order_changes_kind_known"),
            one_of("status", ChangeStatus, "order_changes_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class VenueOrderId(DeskModel):
    """One life of an order at its venue: a modify ends one id and begins the next.

    `size` is what the venue was to fill under this id. Rows are there only for orders that were
    modified; a fill told late under an old id still finds its order by them.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="+",
    )  # fmt: skip
    order_id = models.UUIDField(db_index=True)
    deployment = models.TextField()
    account_address = models.TextField()
    venue_order_id = models.TextField()
    size = AmountField()
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "venue_order_ids"
        constraints = [
            OnDelete(field="user", name="venue_order_ids_user_fk"),
            models.UniqueConstraint(
                fields=["deployment", "account_address", "venue_order_id"],
                name="venue_order_ids_one",
            ),
        ]

    def __str__(self) -> str:
        return self.venue_order_id


class YoungMove(DeskModel):
    """What a transaction did to an order while a fork may still take it back.

    `before` is how the order was, so that it can be so again. The row goes when the transaction
    is final, or was taken back.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, db_index=False,
        related_name="+",
    )  # fmt: skip
    account = models.ForeignKey(
        "trading.VenueAccount", models.CASCADE, db_constraint=False, related_name="young_moves"
    )
    deployment = models.TextField()
    order_id = models.UUIDField()
    tx_hash = models.TextField()
    slot = models.BigIntegerField()
    # The id that the order has had since then; '' where it kept its own.
    venue_order_id = models.TextField(blank=True, default="")
    before = models.JSONField(default=dict)
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "young_moves"
        constraints = [
            OnDelete(field="user", name="young_moves_user_fk"),
            OnDelete(field="account", name="young_moves_account_fk"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} by {self.tx_hash}"
