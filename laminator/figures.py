"""The desk in figures: what the back office's home and /metrics show, by a handful of queries."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from chain.enums import IN_FLIGHT
from core.models import Job

DAY = timedelta(days=1)
# Beyond this many rows a table is no longer counted for a figure, but estimated.
_COUNTED_UP_TO = 100_000
# A member's own cancelling is no failure, and what still rests has not ended.
_FAILED_OUTCOMES = frozenset({"expired", "failed", "no_effect", "not_executed"})


@dataclass(frozen=True, slots=True)
class People:
    traders: int
    active_24h: int


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders placed in the last 24 hours; volume and average size are in quote."""

    by_outcome: Mapping[str, int]
    by_hour: Sequence[tuple[datetime, Mapping[str, int]]]
    placed: int
    success_rate: Decimal | None
    average_size: Decimal | None


@dataclass(frozen=True, slots=True)
class Trades:
    """Fills booked in the last 24 hours, in quote."""

    fills: int
    volume: Decimal
    fees: Decimal


@dataclass(frozen=True, slots=True)
class Positions:
    open: int
    notional: Decimal
    unrealized_pnl: Decimal
    opened_24h: int
    closed_24h: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows that wait for something, and since when the oldest does."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Submissions:
    """What has not ended; `unknown` are those whose bytes may be on the chain."""

    by_state: Mapping[str, Waiting]
    unknown: Waiting


def people(*, now: datetime) -> People:
    """How many traders there are (estimated when they are many) and how many were active."""
    row = _row(
        """
        SELECT CASE WHEN c.reltuples > %s THEN c.reltuples::bigint
                    ELSE (SELECT count(*) FROM users WHERE role = 'trader') END,
               (SELECT count(*) FROM users WHERE last_active >= %s AND role = 'trader')
        FROM pg_class c WHERE c.oid = 'users'::regclass
        """,
        [_COUNTED_UP_TO, now - DAY],
    )
    return People(traders=row[0], active_24h=row[1])


def orders(*, now: datetime) -> Orders:
    """The orders of the last 24 hours. Paper never counts."""
    rows = _rows(
        """
        SELECT date_trunc('hour', created_at, 'UTC'), status, count(*),
               coalesce(sum(filled_size * avg_fill_price) FILTER (WHERE filled_size > 0), 0),
               count(*) FILTER (WHERE filled_size > 0 AND avg_fill_price IS NOT NULL)
        FROM all_orders WHERE created_at >= %s AND deployment <> 'paper'
        GROUP BY 1, 2
        """,
        [now - DAY],
    )
    by_outcome: dict[str, int] = {}
    hour = now.replace(minute=0, second=0, microsecond=0)
    by_hour: dict[datetime, dict[str, int]] = {
        hour - timedelta(hours=back): {} for back in reversed(range(24))
    }
    notional, filled = Decimal(0), 0
    for at, status, count, quote, with_fill in rows:
        by_outcome[status] = by_outcome.get(status, 0) + count
        if at in by_hour:  # the 25th hour is only begun
            by_hour[at][status] = count
        notional += quote
        filled += with_fill
    executed = by_outcome.get("filled", 0)
    judged = executed + sum(by_outcome.get(each, 0) for each in _FAILED_OUTCOMES)
    return Orders(
        by_outcome=by_outcome,
        by_hour=list(by_hour.items()),
        placed=sum(by_outcome.values()),
        success_rate=Decimal(executed) / judged if judged else None,
        average_size=notional / filled if filled else None,
    )


def trades(*, now: datetime) -> Trades:
    """The fills of the last 24 hours. Paper never counts."""
    # Keys rise with time: the primary key finds the day's rows without an index of its own.
    row = _row(
        """
        SELECT count(*), coalesce(sum(size * price), 0), coalesce(sum(fee), 0)
        FROM fills WHERE id >= %s AND deployment <> 'paper'
        """,
        [first_key_of(now - DAY)],
    )
    return Trades(fills=row[0], volume=row[1], fees=row[2])


def positions(*, now: datetime) -> Positions:
    """What is open now, and what was opened and closed in the last 24 hours."""
    row = _row(
        """
        SELECT count(*) FILTER (WHERE status = 'open'),
               coalesce(sum(size * coalesce(mark_price, entry_price))
                        FILTER (WHERE status = 'open'), 0),
               coalesce(sum(unrealized_pnl) FILTER (WHERE status = 'open'), 0),
               count(*) FILTER (WHERE opened_at >= %(since)s),
               count(*) FILTER (WHERE closed_at >= %(since)s)
        FROM all_positions
        WHERE deployment <> 'paper'
          AND (status = 'open' OR id >= %(key)s OR closed_at >= %(since)s)
        """,
        {"since": now - DAY, "key": first_key_of(now - DAY)},
    )
    return Positions(*row)


def submissions() -> Submissions:
    """What has not ended, by state, with the age of the oldest."""
    states = ", ".join(f"'{state}'" for state in ("finalized", "failed", "expired", "abandoned"))
    # Written as the partial index `submissions_open` has it, so that it is used.
    rows = _rows(
        f"SELECT state, count(*), min(created_at) FROM submissions "  # noqa: S608  # our own words
        f"WHERE NOT (state IN ({states})) GROUP BY state"
    )
    by_state = {state: Waiting(count, oldest) for state, count, oldest in rows}
    unknown = [waiting for state, waiting in by_state.items() if state in IN_FLIGHT]
    return Submissions(
        by_state=by_state,
        unknown=Waiting(
            count=sum(each.count for each in unknown),
            oldest=min((each.oldest for each in unknown if each.oldest), default=None),
        ),
    )


def outbox() -> Waiting:
    """Messages that wait for their sender."""
    return Waiting(
        *_row("SELECT count(*), min(created_at) FROM outbox_messages WHERE state = 'waiting'")
    )


def differences() -> Waiting:
    """Where the venue and our books disagree."""
    return Waiting(
        *_row("SELECT count(*), min(created_at) FROM differences WHERE resolved_at IS NULL")
    )


def jobs() -> list[Job]:
    """Every job that has ever run, by name."""
    return list(Job.objects.order_by("name"))


def first_key_of(moment: datetime) -> uuid.UUID:
    """The lowest version 7 key that can have been made at `moment`."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=(milliseconds << 80) | (7 << 76) | (0b10 << 62))


def _rows(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _row(sql: str, params: Any = None) -> tuple[Any, ...]:
    return _rows(sql, params)[0]
