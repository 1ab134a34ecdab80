"""A person's changes of orders, with what is known of each."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from chain.enums import UNSIGNED
from core.errors import NotFound
from core.roles import as_user
from trading.facts import ChangeFacts, Denial
from trading.models import OrderChange
from trading.progress import change_progress
from trading.services.read_orders import latest_messages, list_orders_of


def read_change(*, user_id: uuid.UUID, change_id: uuid.UUID) -> ChangeFacts:
    """One change with the orders that it is about, and what it brought with it.

    Raises NotFound, also for another's.
    """
    with as_user(user_id):
        change = OrderChange.objects.filter(pk=change_id, user_id=user_id).first()
        if change is None:
            raise NotFound("change.not_found")
        parts = list(OrderChange.objects.filter(parent_id=change_id).order_by("id"))
        placed = change.metadata.get("order_ids", [])
        ids = [uuid.UUID(key) for row in (change, *parts) for key in row.order_ids]
        orders = list_orders_of(user_id=user_id, order_ids=[*ids, *map(uuid.UUID, placed)])
        messages = latest_messages([row.id for row in (change, *parts)])
    now = timezone.now()
    told = [_facts(row, messages.get(row.id), now) for row in parts]
    return _facts(change, messages.get(change.id), now, orders=orders, changes=tuple(told))


def _facts(change: OrderChange, message: Any, now: datetime, **beside: Any) -> ChangeFacts:
    return ChangeFacts(
        id=change.id,
        kind=change.kind,
        deployment=change.deployment,
        order_ids=tuple(map(uuid.UUID, change.order_ids)),
        wanted=change.wanted,
        status=change.status,
        reason=change.status_reason,
        progress=change_progress(
            status=change.status,
            submission_state=message.state if message else None,
            past_deadline=now > change.deadline,
        ),
        signature=message.signature if message else None,
        signed=message is not None and message.state not in UNSIGNED,
        created_at=change.created_at,
        deadline=change.deadline,
        refusals=tuple(
            Denial(rule=said["rule"], params=said["params"])
            for said in change.metadata.get("refusals", [])
        ),
        **beside,
    )
