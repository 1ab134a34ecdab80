"""Events of a paper account as JSON, and back, to the digit."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from trading.venues.reports import (
    EntryReport,
    Event,
    FillReport,
    OrderEnded,
    OrderPlaced,
    OrderReplaced,
    OrderState,
)

_KINDS: dict[str, type[Any]] = {
    "placed": OrderPlaced,
    "replaced": OrderReplaced,
    "ended": OrderEnded,
    "fill": FillReport,
    "entry": EntryReport,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_AMOUNTS = frozenset(
    {
        "size", "filled_size", "price", "trigger_price", "oracle_offset", "quote", "fee", "amount",
    }
)  # fmt: skip
_MOMENTS = frozenset({"occurred_at", "expires_at"})


def to_json(event: Event) -> dict[str, Any]:
    return {"event": _NAMES[type(event)], **_written(asdict(event))}


def from_json(told: dict[str, Any]) -> Event:
    values = _read({name: value for name, value in told.items() if name != "event"})
    if told["event"] in ("placed", "replaced"):
        values["order"] = OrderState(**_read(values["order"]))
    event: Event = _KINDS[told["event"]](**values)
    return event


def _written(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat()
        case dict():
            return _written(value)
    return value


def _read(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in values.items()}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _AMOUNTS:
        return Decimal(value)
    return datetime.fromisoformat(value) if name in _MOMENTS else value
