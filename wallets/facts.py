"""What leaves the room about wallets."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.errors import DeskError
from core.money import plain


@dataclass(frozen=True, slots=True)
class BalanceFacts:
    token_symbol: str
    balance: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True)
class WalletFacts:
    """A wallet; `synced_at` is the age of its balances, `live` that they came from the chain."""

    id: uuid.UUID
    user_id: uuid.UUID
    address: str
    custodian: str
    custody_id: str
    status: str
    balances: tuple[BalanceFacts, ...]
    synced_at: datetime | None
    live: bool = False


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """An address of a person's book; money can go there from `usable_at` on."""

    id: uuid.UUID
    label: str
    address: str
    usable_at: datetime
    is_usable: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawalPreview:
    """A withdrawal before it is placed: where it goes, what it costs, and what stands against it.

    `obstacles` are the refusals that placing would raise, in their order.
    """

    token_symbol: str
    amount: Decimal
    address: AddressFacts | None
    to_address: str
    wallet_amount: Decimal
    wallet_sol: Decimal
    fee_sol: Decimal
    rent_sol: Decimal
    reserve_sol: Decimal
    daily_limit: Decimal | None
    daily_left: Decimal | None
    needs_approval: bool
    wait_minutes: int
    source_deployment: str
    obstacles: tuple[DeskError, ...]


@dataclass(frozen=True, slots=True)
class WithdrawalFacts:
    """A withdrawal and what is known of it."""

    id: uuid.UUID
    token_symbol: str
    amount: Decimal
    sent_amount: Decimal | None
    label: str
    to_address: str
    source_deployment: str
    status: str
    status_words: str
    reason: str
    needs_approval: bool
    may_be_cancelled: bool
    signature: str | None
    fee_sol: Decimal | None
    created_at: datetime
    confirmed_at: datetime | None
    release_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None

    @property
    def amount_text(self) -> str:
        """Every digit of it, as a page shows it."""
        return plain(self.amount)


@dataclass(frozen=True, slots=True)
class IncomingFacts:
    """Money that reached a wallet; `may_return` that it can be sent back to whom it came from.

    `taken_by` are the open venues that take it, `own_venue` is where the person's deposits go.
    """

    id: uuid.UUID
    token_symbol: str
    token_mint: str
    amount: Decimal
    from_address: str
    status: str
    signature: str
    occurred_at: datetime
    may_return: bool
    taken_by: tuple[str, ...]
    own_venue: str
