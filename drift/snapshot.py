"""A deployment at one slot: its state, markets and prices, with the accounts asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from solders.pubkey import Pubkey

from chain.rpc import AccountData
from core.errors import Unavailable
from drift.account_reader import reader_for
from drift.accounts import (
    PerpMarketAccount,
    SpotMarketAccount,
    StateAccount,
    UserAccount,
    UserStatsAccount,
)
from drift.codec import LayoutMismatch
from drift.layouts.deployments import Deployment
from drift.margin import Valuation
from drift.oracles import OraclePrice

SECONDS_PER_SLOT = Decimal("0.4")
SYSTEM_PROGRAM = str(Pubkey.default())
# The chain's clock is an estimate by its validators: within this it says nothing.
_CLOCK_DRIFT_SECONDS = 5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A deployment at one slot. `now` is the chain's unix time, `read_at` the moment of reading.

    `accounts` are those that were asked for, in that order, None where there is none.
    """

    deployment: Deployment
    slot: int
    now: int
    read_at: datetime
    state: StateAccount
    perp_markets: Mapping[int, PerpMarketAccount]
    spot_markets: Mapping[int, SpotMarketAccount]
    perp_oracles: Mapping[int, OraclePrice]
    spot_oracles: Mapping[int, OraclePrice]
    # The markets' whole accounts, for what only a few ask of them.
    perp_bytes: Mapping[int, bytes]
    accounts: tuple[AccountData | None, ...]

    def valuation(self) -> Valuation:
        return Valuation(
            perp_markets=self.perp_markets,
            spot_markets=self.spot_markets,
            perp_prices={index: oracle.price for index, oracle in self.perp_oracles.items()},
            spot_prices={index: oracle.price for index, oracle in self.spot_oracles.items()},
            now=self.now,
        )

    def perp_market(self, market_index: int) -> PerpMarketAccount:
        """Raises Unavailable for a market that is not there or whose oracle cannot be read."""
        if market_index not in self.perp_markets or market_index not in self.perp_oracles:
            raise Unavailable("venue.no_price", venue=self.deployment.key, market=market_index)
        return self.perp_markets[market_index]

    def check_priced(self, account: UserAccount) -> None:
        """Raises Unavailable where a market that the account is in has no price."""
        for perp in account.perp_positions:
            self.perp_market(perp.market_index)
        for spot in account.spot_positions:
            if spot.market_index not in self.spot_oracles:
                raise Unavailable(
                    "venue.no_price", venue=self.deployment.key, spot=spot.market_index
                )

    def user(self, place: int) -> UserAccount | None:
        """The user account at that place of those asked for; None where there is none yet."""
        found = self.accounts[place]
        if is_absent(found):
            return None
        assert found is not None
        reader = reader_for(self.deployment)
        return believed(self.deployment, lambda: reader.user(owner=found.owner, data=found.data))

    def user_stats(self, place: int) -> UserStatsAccount | None:
        found = self.accounts[place]
        if is_absent(found):
            return None
        assert found is not None
        reader = reader_for(self.deployment)
        return believed(
            self.deployment, lambda: reader.user_stats(owner=found.owner, data=found.data)
        )

    def age(self, oracle: OraclePrice) -> Decimal:
        """Seconds since the oracle was written, by slots, and how far the node is behind.

        The quote asset's own price has no age.
        """
        if oracle.slot == 0:
            return Decimal(0)
        behind = int(self.read_at.timestamp()) - self.now - _CLOCK_DRIFT_SECONDS
        return max(0, self.slot - oracle.slot) * SECONDS_PER_SLOT + max(0, behind)

    def moment(self, oracle: OraclePrice) -> datetime:
        return self.read_at - timedelta(seconds=float(self.age(oracle)))


def is_absent(account: AccountData | None) -> bool:
    """No account yet; lamports that someone sent to its address do not make it one."""
    return account is None or (account.owner == SYSTEM_PROGRAM and not account.data)


def believed(deployment: Deployment, read: Callable[[], _T]) -> _T:
    """What was read. Raises Unavailable where the bytes are not what the layout declares."""
    try:
        return read()
    except LayoutMismatch as error:
        raise Unavailable("venue.unreadable", venue=deployment.key, reason=str(error)) from error
