"""The placing of an order under row-level security, against the same without it."""

import gc
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median
from typing import Any

import psycopg

from benchmarks import desk_database
from benchmarks.desk_sandbox import open_desk
from benchmarks.measuring import Finding, Size, compared

_GUARDED = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relforcerowsecurity AND NOT c.relispartition
"""
# Plans are made anew after the rules have changed: these orders are not counted.
_WARM_UP = 10
_keys = itertools.count(1)


class _Undo(Exception):
    """Each order is taken back, so that every one meets the same books."""


def measure(size: Size) -> list[Finding]:
    """`rows` is how many orders are placed a round, by the service and without its commit."""
    from benchmarks.confirm_to_broadcast import _trader

    orders, rounds = size.rows_or(150), size.rounds_or(5)
    with open_desk() as sandbox:
        trader = _trader(sandbox)
        confirmed = trader.confirm(symbol="SOL", side="long", size=Decimal("0.5"))
        with desk_database.owner() as owner:
            guarded, bare = _by_turns(owner, trader.user_id, confirmed, orders, rounds)
    return [
        compared(
            "place_order under row-level security", guarded, bare, bound_name="without it",
        )
    ]  # fmt: skip


def _by_turns(
    owner: psycopg.Connection, user_id: Any, confirmed: Any, orders: int, rounds: int
) -> tuple[float, float]:
    """Seconds an order with and without the rules, the medians of the rounds."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds):
        for is_guarded in (True, False) if number % 2 == 0 else (False, True):
            if is_guarded:
                taken[True].append(_placing(user_id, confirmed, orders))
                continue
            with _without_rules(owner):
                taken[False].append(_placing(user_id, confirmed, orders))
    return median(taken[True]), median(taken[False])


def _placing(user_id: Any, confirmed: Any, orders: int) -> float:
    for _ in range(_WARM_UP):
        _place(user_id, confirmed)
    each = []
    gc.collect()
    for _ in range(orders):
        began = time.perf_counter()
        _place(user_id, confirmed)
        each.append(time.perf_counter() - began)
    return median(each)


def _place(user_id: Any, confirmed: Any) -> None:
    from core.roles import as_user
    from trading.services import place_order

    try:
        with as_user(user_id):
            place_order(
                user_id=user_id, channel="telegram", key=f"bench-{next(_keys)}",
                confirmed=confirmed, now=datetime.now(UTC),
            )  # fmt: skip
            raise _Undo
    except _Undo:
        pass


@contextmanager
def _without_rules(owner: psycopg.Connection) -> Iterator[None]:
    tables = [name for (name,) in owner.execute(_GUARDED)]
    try:
        for name in tables:
            owner.execute(
                f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"
            )
        yield
    finally:
        for name in tables:
            owner.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
