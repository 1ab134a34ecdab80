"""What tests of alerts share: a market, prices for it, and what was told."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from alerts.facts import AlertWish
from alerts.models import Alert, AlertFiring, OutboxMessage
from alerts.services import create_alert
from core.roles import as_sync
from markets.prices import Price
from tests import factories

NOW = timezone.now().replace(microsecond=0)


def a_market(**columns):
    """SOL on the venue, with its row in the catalogue."""
    named = {"symbol": "SOL-PERP", "base_asset": "SOL"}
    return factories.drift_market(**named | columns)


def price(amount, *, at=NOW, token="SOL"):
    return Price(token=token, price=Decimal(str(amount)), source="velocity", slot=1, observed_at=at)


def at(amount, *, seconds=0, token="SOL"):
    """Hold one price of the market against all alerts, so many seconds from now."""
    moment = NOW + timedelta(seconds=seconds)
    [path] = settings.PRICE_CONSUMERS
    return import_string(path)([price(amount, at=moment, token=token)], moment)


def wish(condition="greater_than", target="150", **columns):
    named = {"deployment": "velocity", "symbol": "SOL"}
    return AlertWish(**named | {"condition": condition, "target": Decimal(target)} | columns)


def an_alert(of=None, **columns):
    of = of or factories.user()
    return create_alert(user_id=of.id, wish=wish(**columns), now=NOW)


def told(**wanted):
    """How many messages of alerts there are."""
    with as_sync():
        return OutboxMessage.objects.filter(subject_type="alert", **wanted).count()


def firings():
    with as_sync():
        return [
            (each.number, each.value) for each in AlertFiring.objects.order_by("created_at", "id")
        ]


def stored(alert):
    with as_sync():
        return Alert.objects.get(pk=alert.id)
