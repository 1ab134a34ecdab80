"""The ids that an order has had at its venue: a modify ends one and begins the next."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from audit.services import readable, record
from core.money import ZERO
from trading.models import AbstractOrder, Fill, VenueOrderId


def identify_again(
    *,
    order: Any,
    venue_order_id: str,
    size: Decimal,
    at: datetime,
    slot: int | None = None,
    **fields: Any,
) -> bool:
    """The venue has made a new order of this one: `size` is what it is to fill under the new id.

    The old id stays known, so that a fill told late still finds the order. `slot` is when it was
    made: an account seen before that cannot show it. Returns False, with nothing written, for an
    id that is known already.
    """
    lives = lives_of(order.id)
    if venue_order_id in lives or order.venue_order_id == venue_order_id:
        return False
    named = {
        "user_id": order.user_id,
        "order_id": order.id,
        "deployment": order.deployment,
        "account_address": order.account_address,
        "noted_at": at,
    }
    if order.venue_order_id is not None and order.venue_order_id not in lives:
        VenueOrderId(venue_order_id=order.venue_order_id, size=order.size, **named).save()
    VenueOrderId(venue_order_id=venue_order_id, size=size, **named).save()
    whole = max(filled_before(order.id, venue_order_id) + size, order.filled_size)
    if slot is not None:
        fields["metadata"] = order.metadata | {"replaced_slot": slot}
    change_order(order, {"venue_order_id": venue_order_id, "size": whole, **fields})
    return True


def lives_of(order_id: uuid.UUID) -> dict[str, Decimal]:
    """Venue id → what was to be filled under it; empty for an order that was never modified."""
    rows = VenueOrderId.objects.filter(order_id=order_id).order_by("id")
    return dict(rows.values_list("venue_order_id", "size"))


def filled_before(order_id: uuid.UUID, venue_order_id: str) -> Decimal:
    """What was filled of an order under other ids than this one."""
    fills = Fill.objects.filter(order_id=order_id).exclude(venue_order_id=venue_order_id)
    return fills.aggregate(size=Sum("size"))["size"] or ZERO


def change_order(order: AbstractOrder, changes: dict[str, Any]) -> None:
    """Write columns of an order that are not its state, with their audit row."""
    old = {name: getattr(order, name) for name in changes}
    type(order)._default_manager.filter(pk=order.pk).update(**changes)
    for name, value in changes.items():
        setattr(order, name, value)
    record(
        action=f"{type(order)._meta.model_name}.changed",
        resource=order,
        old=readable(old),
        new=readable(changes),
        user_id=order.user_id,
    )
