"""Reads a deployment's state, markets, oracles and the accounts asked for, in one batch."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chain.rpc import AccountData, rpc
from drift.account_reader import AccountReader, reader_for
from drift.accounts import PerpMarketAccount, SpotMarketAccount, StateAccount
from drift.codec import LayoutMismatch
from drift.layouts.deployments import Deployment
from drift.oracles import QUOTE_ASSET_PRICE, OraclePrice, read_oracle
from drift.pdas import perp_market_address, spot_market_address, state_address
from drift.snapshot import SYSTEM_PROGRAM, Snapshot, believed

CLOCK_SYSVAR = "SysvarC1ock11111111111111111111111111111111"
# How many markets there are and which oracles they name changes by an administrator's hand only.
_PLACES_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Places:
    """Where the deployment's markets are, and whose oracles they read."""

    perp: tuple[int, ...]
    spot: tuple[int, ...]
    oracles: tuple[str, ...]


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


def _chain_time(clock: AccountData | None, read_at: datetime) -> int:
    # A node that does not show the clock leaves ours; only averages of minutes depend on it.
    if clock is None or len(clock.data) < 40:
        return int(read_at.timestamp())
    return int.from_bytes(clock.data[32:40], "little", signed=True)
