"""Live prices of all deployments' assets, from the oracles that the programs themselves read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog
from django.conf import settings

from core.errors import Unavailable
from drift.layouts.deployments import DEPLOYMENTS
from drift.markets import base_asset, token_symbol
from drift.oracles import OraclePrice
from drift.snapshot import Snapshot, SnapshotReader
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


def _prices(source: str, snapshot: Snapshot) -> Iterator[Price]:
    """A perp market's oracle last: where a collateral has both, the traded one counts."""
    for index, market in snapshot.spot_markets.items():
        if index in snapshot.spot_oracles:
            oracle = snapshot.spot_oracles[index]
            yield _price(source, token_symbol(market), oracle, snapshot)
    for index, perp in snapshot.perp_markets.items():
        if index in snapshot.perp_oracles:
            yield _price(source, base_asset(perp), snapshot.perp_oracles[index], snapshot)


def _price(source: str, token: str, oracle: OraclePrice, snapshot: Snapshot) -> Price:
    observed_at: datetime = snapshot.moment(oracle)
    return Price(
        token=token,
        price=from_price(oracle.price),
        source=source,
        slot=oracle.slot or snapshot.slot,
        observed_at=observed_at,
    )
