"""A price tick over all open positions: the service against the raw UPDATE."""

import itertools
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import psycopg

from benchmarks import desk_database
from benchmarks.desk_rows import make_open_positions
from benchmarks.measuring import Finding, Size, by_turns, compared

MARKETS = 50
# Another table with the same columns, indexes and free space, without triggers and checks.
_BARE = "bare_positions"
_RAW = f"""
UPDATE {_BARE} AS p
SET mark_price = m.price,
    unrealized_pnl = round(
      CASE p.side WHEN 'long' THEN p.base_asset_amount * m.price - p.entry_quote
                  ELSE p.entry_quote - p.base_asset_amount * m.price END, 6)
      + p.unsettled_funding,
    updated_at = now()
FROM unnest(%s::text[], %s::numeric[]) AS seen(token, price)
JOIN drift_markets AS d ON d.base_asset = seen.token
CROSS JOIN LATERAL (SELECT d.id AS market_id, seen.price) AS m
WHERE p.market_id = m.market_id AND p.status = 'open'
"""
_COUNTERS = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = %s"


class Ticks:
    """Prices that move with every tick, and what a tick then does."""

    def __init__(self, owner: psycopg.Connection, tokens: Sequence[str], rows: int) -> None:
        self._owner, self._tokens, self._rows = owner, tokens, rows
        self._numbers = itertools.count(101)
        self._last: list[Decimal] = []

    def move(self) -> list[Decimal]:
        base = next(self._numbers)
        self._last = [base + Decimal(place) / 7 for place in range(len(self._tokens))]
        self._last = [price.quantize(Decimal("0.000001")) for price in self._last]
        return self._last

    def by_service(self, connections: int) -> None:
        self.move()
        assert self._refresh(connections) == self._rows

    def unchanged(self) -> None:
        assert self._refresh(1) == 0

    def raw(self) -> None:
        done = self._owner.execute(_RAW, [list(self._tokens), self.move()])
        assert done.rowcount == self._rows

    def _refresh(self, connections: int) -> int:
        from trading.services import refresh_positions

        self._store_prices()
        found = refresh_positions(now=datetime.now(UTC), connections=connections)
        return int(found["changed"])

    def _store_prices(self) -> None:
        from markets.prices import Price
        from tests.prices import store_prices

        now = datetime.now(UTC)
        store_prices(
            Price(token=token, price=price, source="velocity", slot=1, observed_at=now)
            for token, price in zip(self._tokens, self._last, strict=True)
        )


def measure(size: Size) -> list[Finding]:
    """Fill, then tick by turns; `rows` is how many positions are open."""
    desk_database.prepare()
    rows, rounds = size.rows_or(1_000_000), size.rounds_or(5)
    with desk_database.owner() as owner:
        tokens = make_open_positions(owner, markets=MARKETS, positions=rows)
        _make_bare_copy(owner)
        ticks = Ticks(owner, tokens, rows)
        ticks.move()
        before = _counters(owner)
        seconds = by_turns(
            {
                "service": lambda: ticks.by_service(1),
                "raw": ticks.raw,
                "two": lambda: ticks.by_service(2),
            },
            rounds=rounds,
        )
        hot = _hot_share(before, _counters(owner))
        ticks.by_service(2)
        still = by_turns({"unchanged": ticks.unchanged}, rounds=rounds)["unchanged"]
    return _findings(rows, seconds, still, hot)


def _findings(rows: int, seconds: dict[str, float], still: float, hot: float) -> list[Finding]:
    one = seconds["service"]
    return [
        compared(
            f"{rows:,} positions marked", one, seconds["raw"],
            bound_name="raw UPDATE, no triggers or checks", at_most=1.2,
        ),
        compared(
            "by two connections", seconds["two"], one, bound_name="by one", at_most=0.65
        ),
        compared("no price moved", still, one, bound_name="all moved", at_most=0.2),
        Finding("marks that stayed in their page", f"{hot:.1%}", wanted="≥ 97%", ok=hot >= 0.97),
        Finding("a position", f"{one / rows * 1e6:.2f} µs"),
    ]  # fmt: skip


def _make_bare_copy(owner: psycopg.Connection) -> None:
    owner.execute(f"DROP TABLE IF EXISTS {_BARE}")
    owner.execute(f"CREATE TABLE {_BARE} (LIKE drift_positions INCLUDING INDEXES)")
    owner.execute(f"ALTER TABLE {_BARE} SET (fillfactor = 50, autovacuum_enabled = off)")
    owner.execute(f"INSERT INTO {_BARE} SELECT * FROM drift_positions")
    owner.execute(f"VACUUM (ANALYZE) {_BARE}")


def _counters(owner: psycopg.Connection) -> tuple[int, int]:
    time.sleep(1.5)  # a server process tells its counts a second later
    found = owner.execute(_COUNTERS, ["drift_positions"]).fetchone()
    assert found is not None
    return found[0], found[1]


def _hot_share(before: tuple[int, int], after: tuple[int, int]) -> float:
    return (after[1] - before[1]) / (after[0] - before[0])
