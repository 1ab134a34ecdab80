"""Live prices of all deployments' assets, from the oracles that the programs themselves read."""

from __future__ import annotations

import structlog
from django.conf import settings

from core.errors import Unavailable
from drift.layouts.deployments import DEPLOYMENTS
from drift.markets import base_asset, token_symbol
from drift.oracles import OraclePrice
from drift.snapshot import Snapshot
from drift.snapshot_reader import SnapshotReader
from drift.units import from_price
from markets.prices import Price

log = structlog.get_logger(__name__)


class OracleFeed:
    """The feed `oracles`: one batched read a deployment."""

    @classmethod
    def from_settings(cls, key: str) -> OracleFeed:  # noqa: ARG003
        return cls([key for key in settings.VENUES if key in DEPLOYMENTS])

    def __init__(self, deployments: list[str]) -> None:
        self._readers = {key: SnapshotReader(DEPLOYMENTS[key]) for key in deployments}

    def read(self) -> list[Price]:
        """The price of every asset of every deployment, those of its collateral too.

        A deployment that cannot be read is left out. Raises Unavailable if none can be.
        """
        prices: list[Price] = []
        last: Unavailable | None = None
        for key, reader in self._readers.items():
            try:
                prices += _prices(key, reader.read())
            except Unavailable as error:
                log.warning("feed_waits", deployment=key, reason=str(error))
                last = error
        if last is not None and not prices:
            raise last
        return prices


def _prices(source: str, snapshot: Snapshot) -> list[Price]:
    """One price a token: where a collateral is traded too, that market's oracle counts."""
    oracles: dict[str, OraclePrice] = {}
    for index, oracle in snapshot.spot_oracles.items():
        oracles[token_symbol(snapshot.spot_markets[index])] = oracle
    for index, oracle in snapshot.perp_oracles.items():
        oracles[base_asset(snapshot.perp_markets[index])] = oracle
    return [
        Price(
            token=token,
            price=from_price(oracle.price),
            source=source,
            slot=oracle.slot or snapshot.slot,
            observed_at=snapshot.moment(oracle),
        )
        for token, oracle in oracles.items()
    ]
