"""A source of prices by hand, and what prices are handed to."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from markets.prices import Price

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
handed = []
told = []


def price(value, *, token="SOL", source="velocity", age=0, slot=0, now=NOW):
    observed_at = now - timedelta(seconds=age)
    return Price(token, Decimal(str(value)), source, slot, observed_at)


class HandFeed:
    """Streams what is put into `batches`; an exception in it is raised."""

    lifetime = timedelta(seconds=30)

    def __init__(self, *batches):
        self.batches = list(batches)
        self.streams = 0

    def facts(self):
        return {"streams": self.streams}

    async def stream(self):
        self.streams += 1
        while self.batches:
            batch = self.batches.pop(0)
            if isinstance(batch, Exception):
                raise batch
            yield batch
        await asyncio.Event().wait()


def take_prices(prices, now):
    """For settings.PRICE_CONSUMERS."""
    handed.append(({(p.source, p.token): p.price for p in prices}, now))


def refuse_prices(prices, now):
    """For settings.PRICE_CONSUMERS."""
    raise RuntimeError("nobody wants them")


def take_event(**event):
    """For settings.PRICE_EVENTS."""
    told.append(event)
