"""What the events say an account's balances must have changed by, to hold against its bytes.

The perp identity is exact to the unit. The spot identity holds within one unit of rounding for
every event that touched the balance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from solders.pubkey import Pubkey

from drift.accounts import SpotMarketAccount, SpotPosition
from drift.events import VenueEvent
from drift.margin_weights import signed_token_amount

QUOTE_MARKET_INDEX = 0


@dataclass(frozen=True, slots=True)
class PerpTerms:
    """Parts of the change of a perp position's quote_asset_amount, signed as they move it."""

    fills: int = 0
    fees: int = 0
    funding: int = 0
    flat_charges: int = 0
    rewards: int = 0
    settled: int = 0

    @property
    def total(self) -> int:
        return (
            self.fills + self.fees + self.funding + self.flat_charges + self.rewards + self.settled
        )


@dataclass(frozen=True, slots=True)
class SpotTerms:
    """Parts of the change of a token amount; `events` is how often it was rounded."""

    deposits: int = 0
    withdrawals: int = 0
    settled: int = 0
    events: int = 0

    @property
    def total(self) -> int:
        return self.deposits + self.withdrawals + self.settled


def perp_terms(events: Iterable[VenueEvent], user: Pubkey, market_index: int) -> PerpTerms:
    """Sum up what events did to one user account's position in one perp market.

    Liquidations come as fills. A keeper's trigger shows its charge as taker fee and as filler
    reward: it counts once.
    """
    sums = {"fills": 0, "fees": 0, "funding": 0, "flat_charges": 0, "rewards": 0, "settled": 0}
    for event in events:
        fields = event.fields
        if fields.get("market_index") != market_index:
            continue
        if event.name == "OrderActionRecord" and fields["market_type"] == "Perp":
            reward = fields["filler_reward"] or 0
            if fields["filler"] == user:
                sums["rewards"] += reward
            if fields["action"] == "Fill":
                for side in ("taker", "maker"):
                    if fields[side] == user:
                        bought = fields[f"{side}_order_direction"] == "Long"
                        quote = fields["quote_asset_amount_filled"]
                        sums["fills"] += -quote if bought else quote
                        sums["fees"] -= fields[f"{side}_fee"] or 0
            elif user in (fields["taker"], fields["maker"]):
                sums["flat_charges"] -= reward
        elif event.name == "FundingPaymentRecord" and fields["user"] == user:
            sums["funding"] += fields["funding_payment"]
        elif event.name == "SettlePnlRecord" and fields["user"] == user:
            sums["settled"] -= fields["pnl"]
    return PerpTerms(**sums)


def spot_terms(events: Iterable[VenueEvent], user: Pubkey, market_index: int) -> SpotTerms:
    """Sum up what events did to one user account's tokens of one spot market."""
    deposits = withdrawals = settled = touched = 0
    for event in events:
        fields = event.fields
        if fields.get("user") != user:
            continue
        if event.name == "DepositRecord" and fields["market_index"] == market_index:
            touched += 1
            if fields["direction"] == "Deposit":
                deposits += fields["amount"]
            else:
                withdrawals -= fields["amount"]
        elif event.name == "SettlePnlRecord" and market_index == QUOTE_MARKET_INDEX:
            touched += 1
            settled += fields["pnl"]
    return SpotTerms(deposits, withdrawals, settled, touched)


def interest(
    position: SpotPosition | None, before: SpotMarketAccount, after: SpotMarketAccount
) -> int:
    """Tokens that a balance gained (or, borrowed, lost) while the market's interest grew."""
    if position is None:
        return 0
    return signed_token_amount(position, after) - signed_token_amount(position, before)
