"""What a chart shows: a market's prices, and the levels that concern a person."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.roles import as_user
from markets.price_history import PricePoint, read_price_history
from markets.prices import read_prices
from trading.enums import OrderStatus, PositionStatus
from trading.facts import ChartFacts, MarketFacts
from trading.services.read_markets import find_market_row, market_facts
from trading.services.read_positions import position_facts
from trading.venues.base import get_venue

_RESTING = (OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)


def read_chart(
    *,
    user_id: uuid.UUID,
    deployment: str,
    symbol: str,
    now: datetime,
    back: timedelta = timedelta(hours=6),
) -> ChartFacts:
    """A market's last prices with the person's position and resting orders. Raises NotFound."""
    row = find_market_row(deployment=deployment, symbol=symbol)
    venue = get_venue(deployment)
    with as_user(user_id):
        mine: dict[str, Any] = {"user_id": user_id, "market_id": row.id, "deployment": deployment}
        position = (
            venue.position_model._default_manager.select_related("market")
            .filter(**mine, status=PositionStatus.OPEN)
            .first()
        )
        orders = list(
            venue.order_model._default_manager.filter(**mine, status__in=_RESTING).values_list(
                "order_type", "price", "trigger_price"
            )
        )
    last = read_prices(source=deployment, tokens=[row.base_asset]).get(row.base_asset)
    return ChartFacts(
        market=market_facts(row, last, now),
        prices=read_price_history(source=deployment, token=row.base_asset, now=now, back=back),
        position=position_facts(position) if position is not None else None,
        stops=_levels(orders, "stop", 2),
        targets=_levels(orders, "take_profit", 2),
        limits=_levels(orders, "limit", 1),
    )


def read_market_prices(
    *, deployment: str, symbol: str, now: datetime, back: timedelta
) -> tuple[MarketFacts, tuple[PricePoint, ...]]:
    """A market and its prices since `now - back`, oldest first. Raises NotFound."""
    row = find_market_row(deployment=deployment, symbol=symbol)
    prices = read_price_history(source=deployment, token=row.base_asset, now=now, back=back)
    return market_facts(row, None, now), prices


def _levels(orders: list[Any], kind: str, place: int) -> tuple[Decimal, ...]:
    found = {row[place] for row in orders if row[0].startswith(kind) and row[place] is not None}
    return tuple(sorted(found))
