"""Prices that a test has a feed tell."""

from collections.abc import Iterable
from datetime import timedelta

from markets.prices import Price, keep_prices


def store_prices(prices: Iterable[Price]) -> None:
    """Kept for half a minute from now on, whatever their moment: how old they are is the test's."""
    for price in prices:
        keep_prices([price], lifetime=timedelta(seconds=30), now=price.observed_at)
