"""Last prices in Redis, each with its source and its age."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings

from core.metrics import count_cache
from core.redis import redis

_TTL_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of an asset costs in US dollars, by `source`, at `observed_at`."""

    token: str
    price: Decimal
    source: str
    slot: int
    observed_at: datetime

    def age_seconds(self, now: datetime) -> Decimal:
        """Never below zero, whatever two clocks say."""
        return max(Decimal(0), Decimal(str((now - self.observed_at).total_seconds())))


def keep_prices(prices: Iterable[Price], *, lifetime: timedelta, now: datetime) -> None:
    """Keep each price until it is `lifetime` old by its own moment, half a minute at the most.

    What its source lets stand still goes by itself, so that nobody is shown it as fresh. The key
    `price:{token}` has the default deployment's price; another's only while there is none.
    """
    first = settings.ENVIRONMENT.default_deployment
    pipe = redis().pipeline(transaction=False)
    for price in prices:
        left = min(lifetime, timedelta(seconds=_TTL_SECONDS)) - (now - price.observed_at)
        left_ms = min(_TTL_SECONDS * 1000, int(left.total_seconds() * 1000))
        if left_ms > 0:
            body = _body(price)
            pipe.set(_key(price.source, price.token), body, px=left_ms)
            pipe.set(f"price:{price.token}", body, px=left_ms, nx=price.source != first)
    pipe.execute()


def read_prices(*, source: str, tokens: Iterable[str]) -> Mapping[str, Price]:
    """The prices of one source that are known; a token without one is left out.

    A source that only shows another's (settings.PRICE_SOURCES) has the prices of that one.
    """
    wanted = list(tokens)
    source = settings.PRICE_SOURCES.get(source, source)
    if not wanted:
        return {}
    found: list[Any] = redis().mget([_key(source, token) for token in wanted])
    for body in found:
        count_cache(cache="price", hit=body is not None)
    return {token: _price(token, body) for token, body in zip(wanted, found, strict=True) if body}


def _key(source: str, token: str) -> str:
    return f"price:{source}:{token}"


def _body(price: Price) -> str:
    told = {
        "price": str(price.price),
        "source": price.source,
        "slot": price.slot,
        "observed_at": price.observed_at.isoformat(),
    }
    return json.dumps(told)


def _price(token: str, body: bytes) -> Price:
    said = json.loads(body)
    return Price(
        token=token,
        price=Decimal(said["price"]),
        source=said["source"],
        slot=int(said["slot"]),
        observed_at=datetime.fromisoformat(said["observed_at"]),
    )
