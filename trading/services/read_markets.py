"""The markets of a deployment, and the one that a person named."""

from datetime import datetime
from typing import Any

from core.errors import NotFound
from core.roles import as_nobody
from markets.enums import MarketType
from markets.prices import Price, read_prices
from trading.facts import MarketFacts
from trading.venues.base import get_venue


def find_market_row(*, deployment: str, symbol: str) -> Any:
    """The venue's own row of a perpetual market, by `sol`, `SOL` or `SOL-PERP`.

    Raises NotFound, naming the markets that are there.
    """
    rows = _rows(deployment)
    wanted = symbol.strip().upper()
    for row in rows:
        if wanted in (row.symbol.upper(), row.base_asset.upper()):
            return row
    known = ", ".join(row.base_asset for row in rows)
    raise NotFound("market.not_found", symbol=symbol[:20], known=known)


def list_markets(*, deployment: str, now: datetime) -> tuple[MarketFacts, ...]:
    """Every perpetual market of a deployment with its last price and that price's age."""
    rows = _rows(deployment)
    prices = read_prices(source=deployment, tokens=[row.base_asset for row in rows])
    return tuple(market_facts(row, prices.get(row.base_asset), now) for row in rows)


def read_market(*, deployment: str, symbol: str, now: datetime) -> MarketFacts:
    """One market. Raises NotFound."""
    row = find_market_row(deployment=deployment, symbol=symbol)
    prices = read_prices(source=deployment, tokens=[row.base_asset])
    return market_facts(row, prices.get(row.base_asset), now)


def market_facts(row: Any, price: Price | None, now: datetime) -> MarketFacts:
    return MarketFacts(
        id=row.id,
        deployment=row.deployment,
        symbol=row.symbol,
        base_asset=row.base_asset,
        quote_asset=row.quote_asset,
        market_index=row.market_index,
        status=row.status,
        tick_size=row.tick_size,
        step_size=row.step_size,
        min_order_size=row.min_order_size,
        max_leverage=row.max_leverage,
        price=price.price if price else None,
        price_age_seconds=price.age_seconds(now) if price else None,
        max_order_size=row.max_order_size,
    )


def _rows(deployment: str) -> list[Any]:
    model = get_venue(deployment).market_model
    with as_nobody():
        return list(
            model.objects.filter(deployment=deployment, market_type=MarketType.PERPETUAL).order_by(
                "market_index"
            )
        )
