"""What leaves the room about alerts: frozen facts, never rows."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.models import Alert, AlertFiring


@dataclass(frozen=True, slots=True)
class AlertWish:
    """What a person asked to be told of; `condition` is one of ConditionType."""

    deployment: str
    symbol: str
    condition: str
    target: Decimal
    # None tells once.
    every: timedelta | None = None
    expires_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """An alert as its owner sees it; `price` is its market's last one, None if that is stale."""

    id: uuid.UUID
    deployment: str
    market: str
    base_asset: str
    tick_size: Decimal | None
    alert_type: str
    condition: str
    target: Decimal
    band: Decimal
    repeat: str
    cooldown: timedelta | None
    expires_at: datetime | None
    paused: bool
    armed: bool
    status: str
    note: str
    trigger_count: int
    triggered_at: datetime | None
    created_at: datetime
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FiringFacts:
    """That an alert fired: which one, as it is now, at which value, for the how-manieth time."""

    id: uuid.UUID
    alert: AlertFacts
    value: Decimal
    number: int
    fired_at: datetime


def alert_facts(alert: Alert, price: Decimal | None = None) -> AlertFacts:
    """Of a row that was read with its market."""
    market = alert.market
    assert market is not None
    return AlertFacts(
        id=alert.id,
        deployment=market.dex_name,
        market=market.symbol,
        base_asset=market.base_asset,
        tick_size=market.tick_size,
        alert_type=alert.alert_type,
        condition=alert.condition_type,
        target=alert.target_price or Decimal(0),
        band=alert.band or Decimal(0),
        repeat=alert.repeat,
        cooldown=alert.cooldown,
        expires_at=alert.expires_at,
        paused=alert.paused_at is not None,
        armed=alert.armed,
        status=alert.status,
        note=alert.message or "",
        trigger_count=alert.trigger_count,
        triggered_at=alert.triggered_at,
        created_at=alert.created_at,
        price=price,
    )


def firing_facts(firing: AlertFiring) -> FiringFacts:
    return FiringFacts(
        id=firing.id,
        alert=alert_facts(firing.alert),
        value=firing.value,
        number=firing.number,
        fired_at=firing.created_at,
    )
