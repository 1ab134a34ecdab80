"""What is odd about prices, told once to whoever the settings name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import combinations
from typing import Any

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from core.redis import redis
from markets.prices import Price, read_prices

log = structlog.get_logger(__name__)
# So long two sources that stay apart are told of once, whichever process notices.
_APART_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Gap:
    """Two sources of one token, and how far they are apart in hundredths of the lower price."""

    token: str
    one: Price
    other: Price
    percent: Decimal


@dataclass(frozen=True, slots=True)
class PriceEvent:
    """What happened, in one sentence and in facts."""

    kind: str
    message: str
    facts: Mapping[str, Any]


def tell_listeners(event: PriceEvent, *, now: datetime) -> None:
    """Call each of settings.PRICE_EVENTS, outside of any transaction; one that fails is logged."""
    for path in settings.PRICE_EVENTS:
        try:
            import_string(path)(
                kind=event.kind,
                severity="warning",
                message=event.message,
                facts=dict(event.facts),
                now=now,
            )
        except Exception:  # whoever listens may fail in any way, and prices go on
            log.exception("price_event_lost", kind=event.kind, listener=path)


def find_gaps(prices: Iterable[Price], *, percent: Decimal) -> list[Gap]:
    """Every two prices of one token that are further apart than `percent`."""
    by_token: dict[str, dict[str, Price]] = {}
    for price in prices:
        by_token.setdefault(price.token, {})[price.source] = price
    gaps = []
    for token, of_token in sorted(by_token.items()):
        for one, other in combinations([of_token[name] for name in sorted(of_token)], 2):
            low, high = sorted((one.price, other.price))
            apart = (high - low) * 100 / low if low > 0 else Decimal(0)
            if apart > percent:
                gaps.append(Gap(token, one, other, apart))
    return gaps


def new_gaps(fresh: Iterable[Price]) -> list[PriceEvent]:
    """Compare fresh prices with those of all other sources; what there is to tell of it.

    Two sources are told of once an hour while they stay apart, and again after they had come
    nearer than half of the limit. Raises redis.RedisError.
    """
    limit = settings.ENVIRONMENT.price_deviation_percent
    known = {(price.source, price.token): price for price in fresh}
    tokens = sorted({token for _, token in known})
    for source in settings.COMPARED_SOURCES:
        wanted = [token for token in tokens if (source, token) not in known]
        for token, price in read_prices(source=source, tokens=wanted).items():
            known[source, token] = price
    gaps = find_gaps(known.values(), percent=limit / 2)
    _forget_those_that_met(tokens, gaps)
    return [_event(gap) for gap in gaps if gap.percent > limit and _is_new(gap)]


def stands_still(price: Price) -> PriceEvent:
    return PriceEvent(
        kind="price.stale",
        message=f"The price of {price.token} by {price.source} stands still since "
        f"{price.observed_at:%H:%M:%S} UTC; nobody is shown it.",
        facts={"token": price.token, "source": price.source, "since": str(price.observed_at)},
    )


def _is_new(gap: Gap) -> bool:
    key = _key(gap.token, gap.one.source, gap.other.source)
    return bool(redis().set(key, "1", nx=True, ex=_APART_SECONDS))


def _event(gap: Gap) -> PriceEvent:
    one, other = gap.one, gap.other
    return PriceEvent(
        kind="price.sources_apart",
        message=f"{gap.token} costs {one.price:f} by {one.source} and {other.price:f} by "
        f"{other.source}: {gap.percent:.2f} % apart.",
        facts={
            "token": gap.token,
            "percent": f"{gap.percent:.2f}",
            one.source: f"{one.price:f}",
            other.source: f"{other.price:f}",
        },
    )


def _forget_those_that_met(tokens: Iterable[str], gaps: Iterable[Gap]) -> None:
    apart = {_key(gap.token, gap.one.source, gap.other.source) for gap in gaps}
    sources = sorted(settings.COMPARED_SOURCES)
    met = {
        _key(token, one, other) for token in tokens for one, other in combinations(sources, 2)
    } - apart
    if met:
        redis().delete(*met)


def _key(token: str, one: str, other: str) -> str:
    return f"prices_apart:{token}:{one}:{other}"
