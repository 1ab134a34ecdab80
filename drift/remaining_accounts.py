"""The oracles and markets that an instruction must bring along, in the order the program wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from solders.instruction import AccountMeta
from solders.pubkey import Pubkey

from drift.accounts import UserAccount
from drift.layouts.deployments import Deployment
from drift.pdas import (
    perp_market_address,
    spot_market_address,
    user_address,
    user_stats_address,
)

QUOTE_MARKET_INDEX = 0


class PerpMarketPlace(Protocol):
    @property
    def oracle(self) -> Pubkey: ...
    @property
    def oracle_source(self) -> str: ...
    @property
    def quote_spot_market_index(self) -> int: ...


class SpotMarketPlace(Protocol):
    @property
    def oracle(self) -> Pubkey: ...


@dataclass(frozen=True, slots=True)
class Markets:
    """Every market of the deployment by its index; decoded market accounts fit."""

    perp: Mapping[int, PerpMarketPlace]
    spot: Mapping[int, SpotMarketPlace]


class RemainingAccounts:
    """Collects oracles, spot markets and perp markets; each once, writable if anyone wants it so.

    The margin check reads every market in which the user has a position or an order, so a market
    missing here fails the whole transaction.
    """

    def __init__(self, deployment: Deployment, markets: Markets) -> None:
        self._deployment = deployment
        self._markets = markets
        self._oracles: dict[Pubkey, AccountMeta] = {}
        self._spot: dict[int, AccountMeta] = {}
        self._perp: dict[int, AccountMeta] = {}
        self._referrer: list[AccountMeta] = []

    def add_user(self, account: UserAccount | None) -> RemainingAccounts:
        """Add what the account's positions need; None is an account that is not there yet."""
        if account is None:
            return self
        for spot in account.spot_positions:
            self.add_spot(spot.market_index)
            if spot.open_asks or spot.open_bids:
                self.add_spot(QUOTE_MARKET_INDEX)
        for perp in account.perp_positions:
            self.add_perp(perp.market_index)
        return self

    def add_perps(self, market_indexes: Iterable[int]) -> RemainingAccounts:
        for market_index in market_indexes:
            self.add_perp(market_index)
        return self

    def add_perp(self, market_index: int, *, writable: bool = False) -> RemainingAccounts:
        market = self._markets.perp[market_index]
        address = perp_market_address(self._deployment, market_index)
        self._perp[market_index] = AccountMeta(address, is_signer=False, is_writable=writable)
        # A pre-launch oracle is moved by the trades themselves.
        self._add_oracle(market.oracle, writable and market.oracle_source == "Prelaunch")
        return self.add_spot(market.quote_spot_market_index)

    def add_spot(self, market_index: int, *, writable: bool = False) -> RemainingAccounts:
        known = self._spot.get(market_index)
        address = spot_market_address(self._deployment, market_index)
        writable = writable or (known is not None and known.is_writable)
        self._spot[market_index] = AccountMeta(address, is_signer=False, is_writable=writable)
        oracle = self._markets.spot[market_index].oracle
        if oracle != Pubkey.default():
            self._add_oracle(oracle, writable=False)
        return self

    def add_referrer(self, authority: Pubkey) -> RemainingAccounts:
        """The account and the statistics of who referred the user."""
        account = user_address(self._deployment, authority, 0)
        stats = user_stats_address(self._deployment, authority)
        self._referrer = [
            AccountMeta(address, is_signer=False, is_writable=True) for address in (account, stats)
        ]
        return self

    def metas(self) -> list[AccountMeta]:
        markets = [*self._oracles.values(), *self._spot.values(), *self._perp.values()]
        return [*markets, *self._referrer]

    def _add_oracle(self, oracle: Pubkey, writable: bool) -> None:
        known = self._oracles.get(oracle)
        writable = writable or (known is not None and known.is_writable)
        self._oracles[oracle] = AccountMeta(oracle, is_signer=False, is_writable=writable)
