"""One batched read of a deployment: its state, markets and oracles with the accounts asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from solders.pubkey import Pubkey

from chain.rpc import AccountData, rpc
from core.errors import Unavailable
from drift.account_reader import AccountReader, reader_for
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
from drift.oracles import QUOTE_ASSET_PRICE, OraclePrice, read_oracle
from drift.pdas import perp_market_address, spot_market_address, state_address

SECONDS_PER_SLOT = Decimal("0.4")
# The chain's clock is an estimate by its validators: within this it says nothing.
_CLOCK_DRIFT_SECONDS = 5
CLOCK_SYSVAR = "SysvarC1ock11111111111111111111111111111111"
SYSTEM_PROGRAM = str(Pubkey.default())
# How many markets there are and which oracles they name changes by an administrator's hand only.
_PLACES_SECONDS = 30.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the deployment's markets are, and whose oracles they read."""

    perp: tuple[int, ...]
    spot: tuple[int, ...]
    oracles: tuple[str, ...]


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


class SnapshotReader:
    """Reads snapshots of one deployment. Raises Unavailable where the chain does not answer, the
    deployment is not there, or its bytes are not what the layout says."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._reader = reader_for(deployment)
        self._places: Places | None = None
        self._places_until = 0.0

    def read(
        self,
        addresses: Sequence[str] = (),
        *,
        commitment: str = "confirmed",
        min_slot: int | None = None,
    ) -> Snapshot:
        """State, markets, oracles and these accounts by one batched read."""
        snapshot = self._read(addresses, commitment, min_slot)
        if self._oracles_of(snapshot.perp_markets, snapshot.spot_markets) - set(
            self.places().oracles
        ):
            # A market has got another oracle since the places were found.
            self._places = None
            snapshot = self._read(addresses, commitment, min_slot)
        return snapshot

    def _read(self, addresses: Sequence[str], commitment: str, min_slot: int | None) -> Snapshot:
        places = self.places()
        wanted = [*addresses, *self._addresses(places), *places.oracles]
        slot, found = rpc().accounts(wanted, commitment=commitment, min_slot=min_slot)
        asked, rest = found[: len(addresses)], found[len(addresses) :]
        return believed(self._deployment, lambda: self._snapshot(places, slot, tuple(asked), rest))

    def places(self) -> Places:
        """Remembered for half a minute."""
        if self._places is None or time.monotonic() > self._places_until:
            self._places = believed(self._deployment, self._find_places)
            self._places_until = time.monotonic() + _PLACES_SECONDS
        return self._places

    def _find_places(self) -> Places:
        _, found = rpc().accounts([str(state_address(self._deployment))])
        state = self._state(found[0])
        places = Places(
            tuple(range(state.number_of_markets)), tuple(range(state.number_of_spot_markets)), ()
        )
        _, found = rpc().accounts(self._addresses(places))
        perp, spot = self._markets(places, found[2:])
        return Places(tuple(perp), tuple(spot), tuple(sorted(self._oracles_of(perp, spot))))

    @staticmethod
    def _oracles_of(
        perp: Mapping[int, PerpMarketAccount], spot: Mapping[int, SpotMarketAccount]
    ) -> set[str]:
        oracles = {str(market.oracle) for market in perp.values()}
        oracles |= {str(market.oracle) for market in spot.values()}
        return oracles - {SYSTEM_PROGRAM}

    def _addresses(self, places: Places) -> list[str]:
        return [
            CLOCK_SYSVAR,
            str(state_address(self._deployment)),
            *(str(perp_market_address(self._deployment, index)) for index in places.perp),
            *(str(spot_market_address(self._deployment, index)) for index in places.spot),
        ]

    def _snapshot(
        self,
        places: Places,
        slot: int,
        asked: tuple[AccountData | None, ...],
        rest: Sequence[AccountData | None],
    ) -> Snapshot:
        read_at = datetime.now(UTC)
        markets_end = 2 + len(places.perp) + len(places.spot)
        perp, spot = self._markets(places, rest[2:markets_end])
        oracles: dict[str, AccountData | None] = dict(
            zip(places.oracles, rest[markets_end:], strict=True)
        )
        return Snapshot(
            deployment=self._deployment,
            slot=slot,
            now=_chain_time(rest[0], read_at),
            read_at=read_at,
            state=self._state(rest[1]),
            perp_markets=perp,
            spot_markets=spot,
            perp_oracles=self._prices(perp, oracles),
            spot_oracles=self._prices(spot, oracles),
            perp_bytes={
                index: account.data
                for index, account in zip(places.perp, rest[2:], strict=False)
                if account
            },
            accounts=asked,
        )

    def _state(self, account: AccountData | None) -> StateAccount:
        if account is None:
            raise LayoutMismatch("there is no state account")
        return self._reader.state(owner=account.owner, data=account.data)

    def _markets(
        self, places: Places, accounts: Sequence[AccountData | None]
    ) -> tuple[dict[int, PerpMarketAccount], dict[int, SpotMarketAccount]]:
        reader: AccountReader = self._reader
        perp = {
            index: reader.perp_market(owner=account.owner, data=account.data)
            for index, account in zip(places.perp, accounts, strict=False)
            if account is not None
        }
        spot = {
            index: reader.spot_market(owner=account.owner, data=account.data)
            for index, account in zip(places.spot, accounts[len(places.perp) :], strict=True)
            if account is not None
        }
        return perp, spot

    def _prices(
        self,
        markets: Mapping[int, PerpMarketAccount] | Mapping[int, SpotMarketAccount],
        oracles: Mapping[str, AccountData | None],
    ) -> dict[int, OraclePrice]:
        """Markets whose oracle cannot be read have no price; the others must not suffer."""
        prices: dict[int, OraclePrice] = {}
        for index, market in markets.items():
            if market.oracle_source == "QuoteAsset":
                prices[index] = QUOTE_ASSET_PRICE
                continue
            account = oracles.get(str(market.oracle))
            if account is None:
                continue
            try:
                oracle = read_oracle(
                    deployment=self._deployment,
                    source=market.oracle_source,
                    owner=account.owner,
                    data=account.data,
                )
            except LayoutMismatch:
                continue
            if oracle.price > 0:
                prices[index] = oracle
        return prices


def is_absent(account: AccountData | None) -> bool:
    """No account yet; lamports that someone sent to its address do not make it one."""
    return account is None or (account.owner == SYSTEM_PROGRAM and not account.data)


def believed(deployment: Deployment, read: Callable[[], _T]) -> _T:
    """What was read. Raises Unavailable where the bytes are not what the layout declares."""
    try:
        return read()
    except LayoutMismatch as error:
        raise Unavailable("venue.unreadable", venue=deployment.key, reason=str(error)) from error


def _chain_time(clock: AccountData | None, read_at: datetime) -> int:
    # A node that does not show the clock leaves ours; only averages of minutes depend on it.
    if clock is None or len(clock.data) < 40:
        return int(read_at.timestamp())
    return int.from_bytes(clock.data[32:40], "little", signed=True)
