"""Accounts whose bytes are as they were: what prices and time did to them, set by set."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from core.roles import as_sync
from trading.venues.base import Venue
from trading.venues.reports import AccountReport, PositionState

# A row that another worker holds is being booked by it: that look is as good. So nobody waits here,
# and two sets of rows, locked in whatever order, cannot wait for each other.
_ACCOUNTS = """
WITH seen AS (
  SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::timestamptz[], %s::numeric[],
                       %s::numeric[], %s::numeric[], %s::text[])
    AS s(id, hash, slot, at, collateral, free_collateral, health, leverage)
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
  SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::numeric[], %s::timestamptz[], %s::numeric[],
                       %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[])
    AS s(wallet_id, market_id, size, at, mark, pnl, funding, margin, leverage, liquidation)
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
    reports = [each.report for each in seen]
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(
            _ACCOUNTS,
            [
                [each.account_id for each in seen],
                [report.bytes_hash for report in reports],
                [report.slot for report in reports],
                [report.observed_at for report in reports],
                [report.collateral for report in reports],
                [report.free_collateral for report in reports],
                [report.health for report in reports],
                [str(report.leverage) for report in reports],
                now,
            ],
        )
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
    states = [state for _, state in held]
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(
            _POSITIONS.format(table=meta.db_table, **columns),
            [
                [each.wallet_id for each, _ in held],
                [markets[state.market_index] for state in states],
                [state.size for state in states],
                [each.report.observed_at for each, _ in held],
                [state.mark_price for state in states],
                [state.unrealized_pnl for state in states],
                [state.unsettled_funding for state in states],
                [state.margin for state in states],
                [state.leverage for state in states],
                [state.liquidation_price for state in states],
            ],
        )
