"""The program's names of directions, order types and ends, in the desk's words."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from drift.enums import DriftOrderType
from trading.enums import Direction

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def direction_word(direction: str) -> str:
    return Direction.BUY if direction == "Long" else Direction.SELL


def order_type_word(order_type: str, trigger_condition: str, direction: str) -> str:
    """A trigger against the way the order goes takes profit, one along with it stops a loss."""
    if order_type in ("Market", "Oracle"):
        return DriftOrderType.MARKET
    if order_type == "Limit":
        return DriftOrderType.LIMIT
    stops = trigger_condition.endswith("Above") == (direction == "Long")
    if order_type == "TriggerMarket":
        return DriftOrderType.STOP_MARKET if stops else DriftOrderType.TAKE_PROFIT_MARKET
    return DriftOrderType.STOP_LIMIT if stops else DriftOrderType.TAKE_PROFIT_LIMIT


def taken_by(max_ts: int) -> datetime | None:
    """The moment after which the order fills no more; 0 is never."""
    return datetime.fromtimestamp(max_ts, UTC) if max_ts else None


def snake(name: str) -> str:
    """`OrderExpired` as `order_expired`."""
    return _CAPITAL.sub("_", name).lower()
