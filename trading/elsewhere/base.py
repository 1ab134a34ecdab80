"""The contract of a venue that is only read, and how the desk finds one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Protocol

from django.conf import settings

from core.errors import Refused
from core.registry import provider

_STEP = Decimal("0.000000001")
_MOST_UNITS = Decimal(10) ** 15
_LATEST_SECOND = 2**32
_LEVERAGE = Decimal("0.01")
_MOST_LEVERAGE = Decimal("999999.99")


@dataclass(frozen=True, slots=True)
class Holding:
    """One open position as its venue shows it; sizes in the asset, money in dollars.

    `ref` is the venue's own name of it, and stays while it is open. None is what the venue's
    records do not say.
    """

    ref: str
    asset: str
    side: str
    size: Decimal
    size_usd: Decimal
    entry_price: Decimal
    margin: Decimal
    mark_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    realized_pnl: Decimal | None = None
    liquidation_price: Decimal | None = None
    opened_at: datetime | None = None

    @property
    def leverage(self) -> Decimal:
        """What the position alone is worth, over what covers it."""
        if self.margin <= 0 or self.size_usd / self.margin > _MOST_LEVERAGE:
            return _MOST_LEVERAGE
        found = (self.size_usd / self.margin).quantize(_LEVERAGE, rounding=ROUND_DOWN)
        return max(found, _LEVERAGE)


def moment_of(seconds: int) -> datetime | None:
    """Seconds since 1970 as a moment; None for what can be none."""
    return datetime.fromtimestamp(seconds, tz=UTC) if 0 < seconds < _LATEST_SECOND else None


def units_of(size_usd: Decimal, price: Decimal) -> Decimal | None:
    """How much of the asset that is; None where it cannot be a position."""
    if size_usd <= 0 or price <= 0 or size_usd / price > _MOST_UNITS:
        return None
    return (size_usd / price).quantize(_STEP, rounding=ROUND_DOWN) or None


@dataclass(frozen=True, slots=True)
class Look:
    """All that one wallet holds at a venue; `source` is where it was read: accounts or rest."""

    wallet_address: str
    holdings: tuple[Holding, ...]
    source: str
    observed_at: datetime
    # Of the chain, where it was read there.
    slot: int | None = None


class ReadOnlyVenue(Protocol):
    """A venue without any act of ours."""

    deployment: str
    display_name: str
    # How many wallets are asked for at once, and how many in one pass of the job.
    batch: int
    pass_limit: int

    def look(self, wallet_addresses: Sequence[str], *, now: datetime) -> list[Look]:
        """What these wallets hold. Raises Unavailable.

        A wallet whose answer makes no sense is left out: what was known of it stays.
        """
        ...


def read_only_venue(deployment: str) -> ReadOnlyVenue:
    """The reader of a venue. Raises Refused for one that this desk does not show."""
    if deployment not in settings.READ_ONLY_VENUES:
        raise Refused("venue.not_shown", venue=deployment)
    venue: ReadOnlyVenue = provider("READ_ONLY_VENUES", deployment)
    return venue


def read_only_venues() -> list[ReadOnlyVenue]:
    return [read_only_venue(key) for key in settings.READ_ONLY_VENUES]
