"""Bring all open positions to the last prices, by one statement a venue table and connection."""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected, LockNotAvailable

from core.roles import as_sync
from markets.prices import read_prices
from trading.models import AbstractPosition
from trading.venues.base import get_venue

# Only rows that change are written, and no set column has an index: the update stays in its
# page, half of which is kept free for it. The funding that has accrued is part of the unrealised
# PnL.
_MARKED = """
UPDATE {table} AS p
SET {mark} = m.price,
    unrealized_pnl = round(
      CASE p.side WHEN 'long' THEN p.{size} * m.price - p.entry_quote
                  ELSE p.entry_quote - p.{size} * m.price END, 6) + p.unsettled_funding,
    updated_at = %s
"""
_CHANGED = """
p.market_id = m.market_id AND p.status = 'open' AND p.{mark} IS DISTINCT FROM m.price
"""
_MARKETS = "unnest(%s::uuid[], %s::numeric[]) AS m(market_id, price)"
_REFRESH = f"{_MARKED} FROM {_MARKETS} WHERE {_CHANGED}"
# The rows are locked in the order in which they lie, a booking's in its own: who waited for each
# other would wait for ever. So nobody waits here for long: where somebody holds a row, all is done
# again without what is held, which is dearer, and what is left out is the booking's to mark.
_PATIENCE = "SET LOCAL lock_timeout = '50ms'"
_REFRESH_FREE = f"""
WITH free AS (
  SELECT p.id, m.price FROM {{table}} AS p JOIN {_MARKETS} ON {_CHANGED}
  FOR NO KEY UPDATE OF p SKIP LOCKED
)
{_MARKED} FROM free AS m WHERE p.id = m.id
"""  # noqa: S608  # of texts that stand here alone
log = structlog.get_logger(__name__)
_Marks = Sequence[tuple[uuid.UUID, Decimal]]


def refresh_positions(*, now: datetime, connections: int = 1) -> dict[str, Any]:
    """Mark every open position at its market's last price; a market without one is left alone.

    The markets are shared out among so many `connections`, each with a transaction of its own.
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
        parts = [part for start in range(connections) if (part := known[start::connections])]
        changed += sum(_mark_parts(venue.position_model, parts, now))
    return {"changed": changed}


def _mark_parts(model: type[AbstractPosition], parts: Sequence[_Marks], now: datetime) -> list[int]:
    """How many rows changed in each part; nothing of two parts is the same row."""
    if len(parts) < 2:
        return [_mark(model, part, now) for part in parts]
    with ThreadPoolExecutor(len(parts), thread_name_prefix="marks") as threads:
        runs = [threads.submit(copy_context().run, _mark_apart, model, part, now) for part in parts]
    return [run.result() for run in runs]


def _mark_apart(model: type[AbstractPosition], marks: _Marks, now: datetime) -> int:
    try:
        return _mark(model, marks, now)
    finally:
        connection.close()  # back to the pool: this thread ends


def _mark(model: type[AbstractPosition], marks: _Marks, now: datetime) -> int:
    columns = {
        "table": model._meta.db_table,
        "mark": model._meta.get_field("mark_price").column,
        "size": model._meta.get_field("size").column,
    }
    told: list[Any] = [[market for market, _ in marks], [price for _, price in marks]]
    try:
        with as_sync(), connection.cursor() as cursor:
            cursor.execute(_PATIENCE)
            cursor.execute(_REFRESH.format(**columns), [now, *told])
            return int(cursor.rowcount)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
            raise
    log.info("marks_without_held_rows", table=columns["table"])
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(_REFRESH_FREE.format(**columns), [*told, now])
        return int(cursor.rowcount)
