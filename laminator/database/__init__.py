"""What every migrate ends with: views over all rooms, partitions, roles, whose rows each sees."""

from pathlib import Path
from typing import Any

from django.db import connections
from django.utils import timezone

from core.partitions import ensure_partitions
from laminator.database.isolation import isolate

_HERE = Path(__file__).parent
# In the order in which they may be made; dropped in the reverse of it.
VIEWS = (
    "all_orders",
    "all_positions",
    "all_transactions",
    "user_portfolio",
    "trading_stats",
    "order_history",
    "position_history",
    "wallet_history",
    "trade_history",
)


def drop_views(using: str = "default", **_: Any) -> None:
    """Before a migrate: no view may stand in the way of a room's own migration."""
    with connections[using].cursor() as cursor:
        for view in reversed(VIEWS):
            cursor.execute(f"DROP VIEW IF EXISTS {view}")


def finish_migrate(using: str = "default", **_: Any) -> None:
    """After a migrate: partitions, views, roles and grants; doing it again changes nothing."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('drift_positions'), to_regclass('fills')")
        if None in cursor.fetchone():
            return  # migrated back, or to a point before the views' tables
        ensure_partitions(now=timezone.now())
        drop_views(using)
        for view in VIEWS:
            cursor.execute((_HERE / "views" / f"{view}.sql").read_text())
        cursor.execute((_HERE / "roles.sql").read_text())
        isolate(cursor)
