"""Bring all open positions to the last prices, by one statement a venue table."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from core.roles import as_sync
from markets.prices import read_prices
from trading.venues.base import get_venue

# Only rows that change are written, and neither set column has an index: the update stays in its
# page. The funding that has accrued is part of the unrealised PnL.
_REFRESH = """
UPDATE {table} AS p
SET {mark} = m.price,
    unrealized_pnl = round(
      CASE p.side WHEN 'long' THEN p.{size} * m.price - p.entry_quote
                  ELSE p.entry_quote - p.{size} * m.price END, 6) + p.unsettled_funding,
    updated_at = %s
FROM unnest(%s::uuid[], %s::numeric[]) AS m(market_id, price)
WHERE p.market_id = m.market_id AND p.status = 'open'
  AND p.{mark} IS DISTINCT FROM m.price
"""


def refresh_positions(*, now: datetime) -> dict[str, Any]:
    """Mark every open position at its market's last price; a market without one is left alone.

    Returns how many rows changed. A stale price is not in the cache, and so marks nothing.
    """
    changed = 0
    for key in settings.VENUES:
        venue = get_venue(key)
        with as_sync():
            markets = list(
                venue.market_model.objects.filter(
                    deployment=key, market_type="perpetual"
                ).values_list("id", "base_asset")
            )
        prices = read_prices(source=key, tokens=[asset for _, asset in markets])
        known = [(market, prices[asset].price) for market, asset in markets if asset in prices]
        if not known:
            continue
        model = venue.position_model
        sql = _REFRESH.format(
            table=model._meta.db_table,
            mark=model._meta.get_field("mark_price").column,
            size=model._meta.get_field("size").column,
        )
        with as_sync(), connection.cursor() as cursor:
            cursor.execute(sql, [now, [m for m, _ in known], [p for _, p in known]])
            changed += cursor.rowcount
    return {"changed": changed}
