"""What leaves the room about wallets."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


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
