"""A person's alerts, and what their messages tell."""

import uuid
from collections.abc import Sequence
from decimal import Decimal

from alerts.enums import AlertStatus
from alerts.facts import AlertFacts, FiringFacts, alert_facts, firing_facts
from alerts.models import Alert, AlertFiring
from core.errors import NotFound
from core.roles import as_user
from markets.prices import read_prices


def list_alerts(*, user_id: uuid.UUID, limit: int = 5) -> tuple[AlertFacts, ...]:
    """The person's active alerts, paused ones among them, newest first, with today's prices."""
    with as_user(user_id, looks=True):
        rows = Alert.objects.select_related("market").filter(
            user_id=user_id, status=AlertStatus.ACTIVE
        )
        found = list(rows.order_by("-id")[:limit])
    prices = _prices_of(found)
    return tuple(alert_facts(row, prices.get(row.market_id)) for row in found)


def read_firing(*, user_id: uuid.UUID, firing_id: uuid.UUID) -> FiringFacts:
    """One firing of this person's. Raises NotFound, also for another's."""
    with as_user(user_id, looks=True):
        rows = AlertFiring.objects.select_related("alert__market")
        firing = rows.filter(pk=firing_id, user_id=user_id).first()
    if firing is None:
        raise NotFound("alert.not_found")
    return firing_facts(firing)


def _prices_of(alerts: Sequence[Alert]) -> dict[uuid.UUID | None, Decimal]:
    markets = {alert.market for alert in alerts if alert.market is not None}
    found: dict[uuid.UUID | None, Decimal] = {}
    for source in {market.dex_name for market in markets}:
        here = [market for market in markets if market.dex_name == source]
        prices = read_prices(source=source, tokens=[market.base_asset for market in here])
        found |= {
            market.id: prices[market.base_asset].price
            for market in here
            if market.base_asset in prices
        }
    return found
