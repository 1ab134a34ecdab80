"""The markets that the sandbox lists, with parameters like the main network's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from solders.pubkey import Pubkey

from sandbox.perps.terms import BASE, Tier

WRAPPED_SOL = Pubkey.from_string("So11111111111111111111111111111111111111112")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A perp market and the oracle behind it; sizes in base units, prices in 1e6."""

    index: int
    symbol: str
    first_price: Decimal
    yearly_volatility: Decimal
    step: int
    tick: int
    least_size: int
    initial_ratio: int
    maintenance_ratio: int
    depth: int
    """Base on either side of the curve: a fill of a thousandth of it moves the price 0.2 %."""
    spread: int
    """Between bid and ask, in 1e6."""
    tier: Tier
    lazer_feed: int
    pyth_account: str | None

    @property
    def name(self) -> str:
        return f"{self.symbol}-PERP"


LISTINGS = (
    Listing(
        index=0,
        symbol="SOL",
        first_price=Decimal(150),
        yearly_volatility=Decimal("0.8"),
        step=BASE // 100,
        tick=100,
        least_size=BASE // 100,
        initial_ratio=500,
        maintenance_ratio=300,
        depth=5_000_000 * BASE,
        spread=200,
        tier=Tier.A,
        lazer_feed=6,
        pyth_account="H6ARHf6YXhGYeQfUzQNGk6rDNnLBQKrenN712K4AQJEG",
    ),
    Listing(
        index=1,
        symbol="BTC",
        first_price=Decimal(95_000),
        yearly_volatility=Decimal("0.5"),
        step=BASE // 10_000,
        tick=100_000,
        least_size=BASE // 10_000,
        initial_ratio=500,
        maintenance_ratio=300,
        depth=20_000 * BASE,
        spread=100,
        tier=Tier.A,
        lazer_feed=1,
        pyth_account="GVXRSBjFk6e6J3NbVPXohDJetcTjaeeuykUpbQF8UoMU",
    ),
    Listing(
        index=2,
        symbol="ETH",
        first_price=Decimal(3_300),
        yearly_volatility=Decimal("0.6"),
        step=BASE // 1_000,
        tick=10_000,
        least_size=BASE // 1_000,
        initial_ratio=500,
        maintenance_ratio=300,
        depth=400_000 * BASE,
        spread=150,
        tier=Tier.A,
        lazer_feed=2,
        pyth_account="JBu1AL4obBcCMqKBBxhpWCNUt136ijcuMZLFvTP7iWdB",
    ),
    Listing(
        index=3,
        symbol="HYPE",
        first_price=Decimal(30),
        yearly_volatility=Decimal("1.2"),
        step=BASE // 100,
        tick=100,
        least_size=BASE // 100,
        initial_ratio=1_000,
        maintenance_ratio=500,
        depth=10_000_000 * BASE,
        spread=600,
        tier=Tier.B,
        lazer_feed=110,
        pyth_account=None,
    ),
)
BY_SYMBOL = {listing.symbol: listing for listing in LISTINGS}
