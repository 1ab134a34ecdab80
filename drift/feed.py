"""Live prices of all deployments' assets, from the oracles that the programs themselves read."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncGenerator, Collection
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings

from chain.subscriptions import Subscriptions, Topic
from chain.websocket import Kind, Watch, desk_websocket_url
from core import bridge
from core.errors import Unavailable
from drift.layouts.deployments import DEPLOYMENTS
from drift.markets import base_asset, token_symbol
from drift.oracles import OraclePrice
from drift.snapshot import Snapshot
from drift.snapshot_reader import SnapshotReader
from drift.units import from_price
from markets.prices import Price

log = structlog.get_logger(__name__)
# The backstop, whatever a node's websocket tells or keeps to itself.
POLL_SECONDS = 1.0
_LONGEST_WAIT = 15.0
# However often oracles are written, all of them are read no oftener.
_LEAST_SECONDS = 0.4
_PLACES_SECONDS = 30.0


class OracleFeed:
    """The feed `oracles`: one batched read a deployment, as soon as a node hints at news.

    What the websocket tells is not believed: it asks for a read that the clock would bring anyway.
    """

    lifetime = timedelta(seconds=30)

    @classmethod
    def from_settings(cls, key: str) -> OracleFeed:  # noqa: ARG003
        return cls([key for key in settings.VENUES if key in DEPLOYMENTS])

    def __init__(self, deployments: list[str], *, poll_seconds: float = POLL_SECONDS) -> None:
        self._readers = {key: SnapshotReader(DEPLOYMENTS[key]) for key in deployments}
        self._poll_seconds = poll_seconds
        self._watches: dict[str, list[Watch]] = {}
        self._heard: dict[str, Any] = {"connected": False}

    def facts(self) -> dict[str, Any]:
        return dict(self._heard)

    async def stream(self) -> AsyncGenerator[list[Price], None]:
        """A batch for each read; while no node answers the wait doubles, up to a limit."""
        news, stop = asyncio.Event(), threading.Event()
        listener = self._listener(asyncio.get_running_loop(), news)
        # Nobody waits for its end: a connection that hangs must not keep the process.
        threading.Thread(target=listener.run, args=(stop,), name="oracles", daemon=True).start()
        wait = self._poll_seconds
        try:
            while True:
                news.clear()
                try:
                    prices = await bridge.call_outside(self.read)
                except Unavailable as error:
                    wait = min(max(wait, POLL_SECONDS) * 2, _LONGEST_WAIT)
                    log.warning("feed_has_no_prices", reason=str(error), again_in_seconds=wait)
                    await asyncio.sleep(wait)
                    continue
                wait = self._poll_seconds
                yield prices
                await asyncio.sleep(min(_LEAST_SECONDS, wait))
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), wait - min(_LEAST_SECONDS, wait))
        finally:
            stop.set()

    def _listener(self, loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> Subscriptions:
        def look(_: Collection[uuid.UUID]) -> None:
            with suppress(RuntimeError):  # the loop has ended: so does the listener
                loop.call_soon_threadsafe(news.set)

        return Subscriptions(
            url=desk_websocket_url(),
            topics=(Topic(Kind.ACCOUNT, self._oracles, look, every_seconds=_PLACES_SECONDS),),
            limit=settings.ENVIRONMENT.solana_ws_subscriptions,
            tell=lambda **facts: self._heard.update(facts),
        )

    def _oracles(self, limit: int) -> list[Watch]:
        for key, reader in self._readers.items():
            try:
                oracles = reader.places().oracles
            except Unavailable:
                continue  # those known before are watched on
            self._watches[key] = [
                Watch(Kind.ACCOUNT, oracle, "confirmed", uuid.uuid5(uuid.NAMESPACE_URL, oracle))
                for oracle in oracles
            ]
        return [watch for watches in self._watches.values() for watch in watches][:limit]

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
