"""Wallets and what they hold."""

from decimal import Decimal

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.constraints import OnDelete, one_of
from core.fields import AmountField
from core.models import ChangingModel, DeskModel
from core.money import plain
from wallets.enums import ChainType, WalletStatus, WalletType


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("wallet_name", "status", "wallet_type")),
    pghistory.DeleteEvent(),
    exclude=["metadata", "last_synced_at"],
)
class Wallet(ChangingModel):
    """A wallet of a person; its key stays with the custodian."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_constraint=False, related_name="wallets"
    )
    privy_wallet_id = models.TextField(null=True, blank=True, unique=True)
    wallet_address = models.TextField(unique=True)
    wallet_name = models.TextField(null=True, blank=True)
    wallet_type = models.TextField(choices=WalletType.choices, default=WalletType.PRIVY)
    chain_type = models.TextField(choices=ChainType.choices, default=ChainType.SOLANA)
    status = models.TextField(choices=WalletStatus.choices, default=WalletStatus.ACTIVE)
    last_synced_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "wallets"
        constraints = [
            OnDelete(field="user", name="wallets_user_fk"),
            one_of("wallet_type", WalletType, "wallets_type_known"),
            one_of("chain_type", ChainType, "wallets_chain_known"),
            one_of("status", WalletStatus, "wallets_status_known"),
            models.CheckConstraint(
                condition=Q(
                    chain_type=ChainType.SOLANA,
                    wallet_address__regex=r"^[1-9A-HJ-NP-Za-km-z]{32,44}$",
                )
                | Q(
                    chain_type__in=[ChainType.ETHEREUM, ChainType.POLYGON],
                    wallet_address__regex=r"^0x[0-9a-fA-F]{40}$",
                ),
                name="wallets_address_form",
            ),
        ]

    def __str__(self) -> str:
        return self.wallet_address


class WalletBalance(DeskModel):
    """How much of one token a wallet holds, as the chain said at `observed_slot`."""

    wallet = models.ForeignKey(
        Wallet, models.CASCADE, db_constraint=False, db_index=False, related_name="balances"
    )
    token_symbol = models.TextField()
    token_address = models.TextField(null=True, blank=True)
    balance = AmountField(default=Decimal(0))
    locked_balance = AmountField(default=Decimal(0))
    available_balance = models.GeneratedField(
        expression=F("balance") - F("locked_balance"),
        output_field=AmountField(),
        db_persist=True,
    )
    observed_slot = models.BigIntegerField(null=True, blank=True)
    # The last change, not the last look: wallets.last_synced_at says how old the look is.
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "wallet_balances"
        indexes = [models.Index(fields=["-updated_at"], name="wallet_balances_updated")]
        constraints = [
            OnDelete(field="wallet", name="wallet_balances_wallet_fk"),
            models.UniqueConstraint(
                fields=["wallet", "token_symbol"], name="wallet_balances_token"
            ),
            models.CheckConstraint(condition=Q(balance__gte=0), name="wallet_balances_balance"),
            models.CheckConstraint(
                condition=Q(locked_balance__gte=0, locked_balance__lte=F("balance")),
                name="wallet_balances_locked",
            ),
        ]

    def __str__(self) -> str:
        return f"{plain(self.balance)} {self.token_symbol}"
