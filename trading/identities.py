"""The two sums that must agree for every account, whatever happened to it. Pure.

perp: the venue's running quote amount of a market = fills - fees + funding - keeper charges
      +/- liquidation - settled, exactly. spot: the venue's token amount = deposits - withdrawals
      + settled + interest, within one unit of rounding for each event that touched it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO


@dataclass(frozen=True, slots=True)
class Identity:
    """One sum: what our rows say, what the venue says, and how far apart they may be."""

    name: str
    ours: Decimal
    venue: Decimal
    allowed: Decimal

    @property
    def holds(self) -> bool:
        return abs(self.ours - self.venue) <= self.allowed


def perp_identity(
    *,
    market: str,
    fills: Iterable[tuple[str, Decimal, Decimal]],
    entries: Iterable[Decimal],
    settled: Decimal,
    venue_quote: Decimal,
) -> Identity:
    """`fills` are (direction, quote, fee); `entries` funding, charges and the like, signed as the
    owner feels them; `settled` what was moved from the position's PnL into the token balance."""
    flows = ((quote if direction == "sell" else -quote) - fee for direction, quote, fee in fills)
    return perp_identity_of_sums(
        market=market,
        flows=sum(flows, ZERO),
        entries=sum(entries, ZERO),
        settled=settled,
        venue_quote=venue_quote,
    )


def perp_identity_of_sums(
    *, market: str, flows: Decimal, entries: Decimal, settled: Decimal, venue_quote: Decimal
) -> Identity:
    """As `perp_identity`, of fills and entries that were summed up before."""
    ours = flows + entries - settled
    return Identity(name=f"perp {market}", ours=ours, venue=venue_quote, allowed=ZERO)


def spot_identity(
    *, token: str, movements: Iterable[Decimal], venue_amount: Decimal, unit: Decimal
) -> Identity:
    """`movements` are deposits, withdrawals, settlements and interest, signed for the owner."""
    amounts = list(movements)
    return spot_identity_of_sum(
        token=token,
        moved=sum(amounts, ZERO),
        events=len(amounts),
        venue_amount=venue_amount,
        unit=unit,
    )


def spot_identity_of_sum(
    *, token: str, moved: Decimal, events: int, venue_amount: Decimal, unit: Decimal
) -> Identity:
    """As `spot_identity`, of `events` movements that were summed up before."""
    return Identity(name=f"spot {token}", ours=moved, venue=venue_amount, allowed=unit * events)
