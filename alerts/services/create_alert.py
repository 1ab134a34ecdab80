"""Keep a condition that a person wants to hear of."""

import uuid
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from accounts.models import User
from accounts.services import access_user
from alerts.enums import AlertStatus, AlertType, ConditionType, Repeat
from alerts.facts import AlertFacts, AlertWish, alert_facts
from alerts.limits import (
    LONGEST_COOLDOWN,
    LONGEST_LIFE,
    LONGEST_NOTE,
    MOST_ALERTS,
    REARM_PART,
    SHORTEST_COOLDOWN,
)
from alerts.models import Alert
from alerts.transitions import first_watch
from core.errors import Conflict, Refused
from core.roles import as_user
from markets.models import Market
from trading.services import read_market


def create_alert(*, user_id: uuid.UUID, wish: AlertWish, now: datetime) -> AlertFacts:
    """Write a new alert; the target is in quote units.

    A venue that only shows another's prices (play money) has its alerts on that one's. The
    person's row is locked, so that two at once do not both take the last place of their tier.
    Raises NotFound (the market), NotAllowed, Refused (limits, spans), Conflict (it is there).
    """
    tier = access_user(user_id=user_id).tier
    check_spans(wish, now)
    deployment = settings.PRICE_SOURCES.get(wish.deployment, wish.deployment)
    facts = read_market(deployment=deployment, symbol=wish.symbol, now=now)
    with as_user(user_id):
        User.objects.select_for_update(no_key=True).get(pk=user_id)
        market = Market.objects.get(dex_name=deployment, symbol=facts.symbol)
        alert = new_alert(user_id, wish, market, facts.price, now)
        kept = Alert.objects.filter(user_id=user_id, status=AlertStatus.ACTIVE)
        same = kept.filter(
            market=market, condition_type=wish.condition, target_price=wish.target,
            repeat=alert.repeat,
        )  # fmt: skip
        if same.exists():
            raise Conflict("alert.exists", market=market.base_asset)
        if kept.count() >= MOST_ALERTS[tier]:
            raise Refused("alert.too_many", maximum=MOST_ALERTS[tier])
        alert.save(force_insert=True)
    return alert_facts(alert, facts.price)


def check_spans(wish: AlertWish, now: datetime) -> None:
    """Raises Refused for a repeat or an end that no alert may have, and for too long a note."""
    if wish.every is not None and not SHORTEST_COOLDOWN <= wish.every <= LONGEST_COOLDOWN:
        raise Refused("alert.repeat_out_of_range", days=LONGEST_COOLDOWN.days)
    if wish.expires_at is not None and not now < wish.expires_at <= now + LONGEST_LIFE:
        raise Refused("alert.until_out_of_range", days=LONGEST_LIFE.days)
    if len(wish.note) > LONGEST_NOTE or "\x00" in wish.note:
        raise Refused("alert.note_too_long", maximum=LONGEST_NOTE)


def new_alert(
    user_id: uuid.UUID, wish: AlertWish, market: Market, price: Decimal | None, now: datetime
) -> Alert:
    """The row, not written yet."""
    band = wish.target * REARM_PART
    armed, rises_to, falls_to = first_watch(
        condition=wish.condition, target=wish.target, band=band, value=price
    )
    is_below = wish.condition == ConditionType.LESS_THAN or (
        wish.condition == ConditionType.EQUALS and price is not None and price > wish.target
    )
    return Alert(
        user_id=user_id,
        market=market,
        alert_type=AlertType.PRICE_BELOW if is_below else AlertType.PRICE_ABOVE,
        condition_type=wish.condition,
        target_price=wish.target,
        message=wish.note or None,
        repeat=Repeat.EVERY if wish.every else Repeat.ONCE,
        cooldown=wish.every,
        expires_at=wish.expires_at,
        band=band,
        armed=armed,
        rises_to=rises_to,
        falls_to=falls_to,
        created_at=now,
    )
