"""Cancel orders that rest at a venue, or that were never sent."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from accounts.models import Intent
from accounts.services import find_same_intent
from core.errors import Conflict, Refused
from core.roles import as_user
from trading.enums import ORDER_ENDED, ChangeKind
from trading.facts import ChangeFacts
from trading.models import OrderChange
from trading.services.accounts import lock_account
from trading.services.find_orders import find_orders, refuse_while_frozen
from trading.services.read_changes import read_change
from trading.services.send_changes import cancel_in_account, change_content
from trading.venues.base import get_venue


def cancel_orders(
    *,
    user_id: uuid.UUID,
    channel: str,
    key: str,
    order_ids: Sequence[uuid.UUID],
    now: datetime,
) -> ChangeFacts:
    """Cancel these orders of one venue in one message, once for this key.

    What the venue never heard of ends at once, "not executed"; the rest ends by the venue's own
    records. Asks no network. Same key and orders again: the first change. Raises NotFound (also
    for another's order), Refused (all have ended, several venues, a frozen person's stops),
    Conflict (other content under the key; a change of one is under way, or it is on its way to
    the venue).
    """
    with as_user(user_id):
        known = find_same_intent(
            user_id=user_id, channel=channel, key=key, kind=ChangeKind.CANCEL,
            content=change_content(order_ids),
        )  # fmt: skip
        change_id = known or _cancel(user_id, channel, key, order_ids, now)
    return read_change(user_id=user_id, change_id=change_id)


def _cancel(
    user_id: uuid.UUID, channel: str, key: str, order_ids: Sequence[uuid.UUID], now: datetime
) -> uuid.UUID:
    orders = find_orders(user_id=user_id, order_ids=order_ids)
    venue = get_venue(orders[0].deployment)
    account = lock_account(wallet_id=orders[0].wallet_id, deployment=venue.deployment)
    # Another under the same key may have been first while this one waited for the lock.
    if not was_made(user_id=user_id, channel=channel, key=key):
        # As they are now that nobody else can change them.
        orders = find_orders(user_id=user_id, order_ids=order_ids)
        if all(order.status in ORDER_ENDED for order in orders):
            raise Refused("order.ended_before_change")
        refuse_while_frozen(user_id=user_id, orders=orders)
    change = cancel_in_account(
        account=account, venue=venue, orders=orders, channel=channel, key=key, now=now
    )
    made: uuid.UUID = change.id
    return made


def was_made(*, user_id: uuid.UUID, channel: str, key: str) -> bool:
    """Whether this key stands for a change. Raises Conflict if it stands for something else."""
    rows = Intent.objects.filter(user_id=user_id, channel=channel, idempotency_key=key)
    found = rows.values_list("id", flat=True).first()
    if found is not None and not OrderChange.objects.filter(pk=found).exists():
        raise Conflict("intent.key_used_for_other_content")
    return found is not None
