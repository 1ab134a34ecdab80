"""The prices of the last day in Redis, thinned out: what a chart is drawn from.

It is a picture's matter alone: nothing is decided by it, and a flush of Redis costs a chart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.redis import redis
from markets.prices import Price

_SECONDS_APART = 30
_HOUR = 3600
# One key an hour, so that old prices go by themselves.
_KEPT_SECONDS = 25 * _HOUR


@dataclass(frozen=True, slots=True)
class PricePoint:
    """A price at a moment."""

    at: datetime
    price: Decimal


def note_prices(prices: Iterable[Price]) -> None:
    """Keep one price of each token and source for each half minute, the first one seen in it."""
    pipe = redis().pipeline(transaction=False)
    for price in prices:
        second = int(price.observed_at.timestamp())
        slot = second - second % _SECONDS_APART
        key = _key(price.source, price.token, slot // _HOUR)
        # The first one in a half minute stays: two feeds, or a repeat, change nothing.
        pipe.hsetnx(key, str(slot), str(price.price))
        pipe.expire(key, _KEPT_SECONDS)
    pipe.execute()


def read_price_history(
    *, source: str, token: str, now: datetime, back: timedelta = timedelta(hours=6)
) -> tuple[PricePoint, ...]:
    """The prices of one token since `now - back`, oldest first, at most one each half minute."""
    since = int((now - back).timestamp())
    pipe = redis().pipeline(transaction=False)
    for hour in range(since // _HOUR, int(now.timestamp()) // _HOUR + 1):
        pipe.hgetall(_key(source, token, hour))
    hours: list[Any] = pipe.execute()
    found = [(int(slot), price.decode()) for hour in hours for slot, price in hour.items()]
    return tuple(
        PricePoint(datetime.fromtimestamp(slot, UTC), Decimal(price))
        for slot, price in sorted(found)
        if slot >= since
    )


def _key(source: str, token: str, hour: int) -> str:
    return f"prices:{source}:{token}:{hour}"
