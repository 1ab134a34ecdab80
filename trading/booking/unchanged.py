"""Accounts whose bytes are as they were: what prices and time did to them, set by set."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from core.bulk import recordset
from core.roles import as_sync
from trading.venues.base import Venue
from trading.venues.reports import AccountReport, PositionState

# A row that another worker holds is being booked by it: that look is as good. So nobody waits here,
# and two sets of rows, locked in whatever order, cannot wait for each other.
_ACCOUNTS = """
WITH seen AS (
  SELECT * FROM {seen}
), held AS (
  SELECT a.id FROM venue_accounts AS a JOIN seen AS s ON s.id = a.id
  WHERE a.observed_hash = s.hash AND a.observed_slot <= s.slot
  FOR UPDATE OF a SKIP LOCKED
)
UPDATE venue_accounts AS a
SET observed_slot = s.slot, observed_at = s.at, collateral = s.collateral,
    free_collateral = s.free_collateral, health = s.health,
    state = a.state || jsonb_build_object('leverage', s.leverage), updated_at = %s
FROM seen AS s JOIN held ON held.id = s.id
WHERE a.id = s.id
"""
_POSITIONS = """
WITH seen AS (
  SELECT * FROM {seen}
), held AS (
  SELECT p.id, s.* FROM {table} AS p
  JOIN seen AS s ON s.wallet_id = p.wallet_id AND s.market_id = p.market_id
  WHERE p.status = 'open' AND p.{size} = s.size
  FOR UPDATE OF p SKIP LOCKED
)
UPDATE {table} AS p
SET {mark_price} = h.mark, {unrealized_pnl} = h.pnl, {unsettled_funding} = h.funding,
    {margin} = h.margin, {leverage} = greatest(h.leverage, 0.01),
    {liquidation_price} = h.liquidation, {updated_at} = h.at
FROM held AS h WHERE p.id = h.id
"""
_ACCOUNT = {
    "id": "uuid", "hash": "text", "slot": "bigint", "at": "timestamptz", "collateral": "numeric",
    "free_collateral": "numeric", "health": "numeric", "leverage": "text",
}  # fmt: skip
_POSITION = {
    "wallet_id": "uuid", "market_id": "uuid", "size": "numeric", "at": "timestamptz",
    "mark": "numeric", "pnl": "numeric", "funding": "numeric", "margin": "numeric",
    "leverage": "numeric", "liquidation": "numeric",
}  # fmt: skip
_COLUMNS = (
    "size",
    "mark_price",
    "unrealized_pnl",
    "unsettled_funding",
    "margin",
    "leverage",
    "liquidation_price",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """An account of ours, and what the venue showed of it."""

    account_id: uuid.UUID
    wallet_id: uuid.UUID
    report: AccountReport


def mark_unchanged(
    *, venue: Venue, seen: Sequence[Seen], markets: Mapping[int, uuid.UUID], now: datetime
) -> None:
    """Note that they were seen, and what they are worth now; two statements for all of them."""
    source, text = recordset(
        _ACCOUNT,
        [
            (
                each.account_id, each.report.bytes_hash, each.report.slot,
                each.report.observed_at, each.report.collateral, each.report.free_collateral,
                each.report.health, each.report.leverage,
            )
            for each in seen
        ],
    )  # fmt: skip
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS.format(seen=source), [text, now])
    held = [
        (each, state)
        for each in seen
        for state in each.report.positions
        if state.market_index in markets and state.size
    ]
    if held:
        _mark_positions(venue, held, markets)


def _mark_positions(
    venue: Venue,
    held: Sequence[tuple[Seen, PositionState]],
    markets: Mapping[int, uuid.UUID],
) -> None:
    meta = venue.position_model._meta
    columns = {name: meta.get_field(name).column for name in _COLUMNS}
    source, text = recordset(
        _POSITION,
        [
            (
                each.wallet_id, markets[state.market_index], state.size, each.report.observed_at,
                state.mark_price, state.unrealized_pnl, state.unsettled_funding, state.margin,
                state.leverage, state.liquidation_price,
            )
            for each, state in held
        ],
    )  # fmt: skip
    sql = _POSITIONS.format(seen=source, table=meta.db_table, **columns)
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(sql, [text])
