"""Hold a batch of prices against all alerts on prices; what it costs follows what fires."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from alerts.enums import AlertStatus, NotificationType
from alerts.models import Alert, AlertFiring
from alerts.services.outbox import message_of, queue_messages
from alerts.transitions import BY_PRICES
from audit.services import record_many
from core.bulk import insert_rows
from core.roles import as_sync
from markets.prices import Price

# An older one is no price, as everywhere in the desk.
_FRESH_SECONDS = 30


class Moved(NamedTuple):
    """A row as the statement left it; `armed` is what it is after it fired or was armed anew."""

    id: uuid.UUID
    user_id: uuid.UUID
    status: str
    armed: bool
    number: int
    value: Decimal


def evaluate_prices(prices: Iterable[Price], now: datetime) -> dict[str, int]:
    """Fire every alert whose condition these prices make true, each once whoever evaluates.

    One of settings.PRICE_CONSUMERS: the feed that leads hands it what has moved.

    One statement finds, locks and moves them; their messages and log entries are written in its
    transaction. Where a source and token come twice, the later one counts; stale ones are left
    out. Prices are in quote units. Returns how many `fired` and how many were `armed` anew.
    """
    fresh = {
        (each.source, each.token): each.price
        for each in prices
        if each.age_seconds(now) <= _FRESH_SECONDS
    }
    if not fresh:
        return {"fired": 0, "armed": 0}
    told = {
        "sources": [source for source, _ in fresh],
        "tokens": [token for _, token in fresh],
        "prices": list(fresh.values()),
        "now": now,
    }
    with as_sync():
        moved = move_alerts(BY_PRICES, told)
        fired = tell_fired(moved, now)
    return {"fired": fired, "armed": len(moved) - fired}


def move_alerts(statement: str, told: dict[str, Any]) -> list[Moved]:
    """Within the caller's transaction: what the statement moved."""
    with connection.cursor() as cursor:
        cursor.execute(statement, told)
        return [Moved(*row) for row in cursor.fetchall()]


def tell_fired(moved: Sequence[Moved], now: datetime) -> int:
    """Within the caller's transaction: firings, log entries and messages; how many fired."""
    # Who fired waits for the way back; who came back is armed.
    fired = [each for each in moved if not each.armed]
    if not fired:
        return 0
    firings = [
        AlertFiring(
            user_id=each.user_id,
            alert_id=each.id,
            value=each.value,
            number=each.number,
            created_at=now,
        )
        for each in fired
    ]
    insert_rows(firings)
    record_many(
        action="alert.triggered",
        resources=[
            (
                Alert(id=each.id, user_id=each.user_id),
                {"status": AlertStatus.ACTIVE, "trigger_count": each.number - 1},
                {
                    "status": each.status,
                    "trigger_count": each.number,
                    "triggered_at": now,
                    "value": each.value,
                },
            )
            for each in fired
        ],
    )
    queue_messages(
        [
            message_of(
                user_id=firing.user_id,
                subject_type="alert",
                subject_id=firing.id,
                due_at=now,
                kind=NotificationType.PRICE_ALERT,
            )
            for firing in firings
        ]
    )
    return len(fired)
