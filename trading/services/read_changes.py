"""A person's changes of orders, with what is known of each."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from core.errors import NotFound
from core.roles import as_user
from trading.facts import ChangeFacts, Denial
from trading.models import OrderChange
from trading.progress import change_progress
from trading.services.read_orders import (
    NO_MESSAGES,
    Messages,
    list_messages,
    list_orders_of,
)


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
        messages = list_messages([row.id for row in (change, *parts)])
    now = timezone.now()
    told = [_facts(row, messages.get(row.id, NO_MESSAGES), now) for row in parts]
    sent = messages.get(change.id, NO_MESSAGES)
    return _facts(change, sent, now, orders=orders, changes=tuple(told))


def _facts(change: OrderChange, sent: Messages, now: datetime, **beside: Any) -> ChangeFacts:
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
            submission_state=sent.state,
            past_deadline=now > change.deadline,
        ),
        signature=sent.signature,
        reached=sent.reached,
        created_at=change.created_at,
        deadline=change.deadline,
        refusals=tuple(
            Denial(rule=said["rule"], params=said["params"])
            for said in change.metadata.get("refusals", [])
        ),
        **beside,
    )
