"""The orders that a person named, before anything is done with them."""

import uuid
from collections.abc import Sequence
from typing import Any

from accounts.models import User
from core.errors import NotFound, Refused
from trading.venues.base import open_venues


def find_orders(*, user_id: uuid.UUID, order_ids: Sequence[uuid.UUID]) -> list[Any]:
    """These orders of the person's, in the caller's transaction: all of one venue account.

    Raises NotFound (also for another's), Refused.
    """
    found: list[Any] = []
    for model in dict.fromkeys(venue.order_model for venue in open_venues()):
        rows = model._default_manager.select_related("wallet", "market")
        found += rows.filter(pk__in=order_ids, user_id=user_id).order_by("id")
    if not found or {order.id for order in found} != set(order_ids):
        raise NotFound("order.not_found")
    if len({(order.deployment, order.wallet_id) for order in found}) > 1:
        raise Refused("order.several_venues")
    return found


def refuse_while_frozen(*, user_id: uuid.UUID, orders: Sequence[Any]) -> None:
    """Who has frozen the account keeps the stops that guard it. Raises Refused."""
    if not any(order.reduce_only for order in orders):
        return
    if User.objects.filter(pk=user_id, frozen_at__isnull=False).exists():
        raise Refused("risk.frozen")
