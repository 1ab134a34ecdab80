"""Let stops go with what they belong to: none outlives its entry, its position or a sibling."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from accounts.enums import Channel
from core.errors import Conflict, Refused
from core.money import ZERO, plain
from trading.booking.orders import end_order
from trading.enums import (
    ORDER_LIVE,
    ChangeKind,
    ChangeStatus,
    OrderRole,
    OrderStatus,
    PositionStatus,
)
from trading.models import OrderChange, VenueAccount
from trading.services.read_orders import latest_messages
from trading.services.send_changes import (
    DEADLINE,
    cancel_in_account,
    modify_in_account,
    orders_under_change,
    unsent_orders,
)
from trading.services.send_orders import send_orders
from trading.stops import Judged, Leg, Verdict, judge_stop
from trading.venues.base import Venue, VenueCapability

log = structlog.get_logger(__name__)
# A cancel that came to nothing is tried again, more slowly each time.
_PAUSE = timedelta(seconds=20)


def follow_stops(*, venue: Venue, account: VenueAccount, now: datetime) -> None:
    """Judge every live stop of an account whose lock the caller holds, and act on it.

    What ends is cancelled in one message under a key made from the orders' ids, so that two
    workers cancel it once; what waited for its entry is sent; sizes follow what was filled.
    """
    stops = list(
        venue.order_model._default_manager.select_related("wallet", "market")
        .filter(wallet_id=account.wallet_id, deployment=venue.deployment, status__in=ORDER_LIVE)
        .exclude(role=OrderRole.ENTRY)
        .order_by("id")
    )
    if not stops:
        return
    changing = orders_under_change(account=account)
    unsent = unsent_orders(stops, waiting=True)
    groups = _groups(venue, stops)
    positions = _positions(venue, account, stops)
    replaced = {
        key
        for stop in stops
        if stop.status == OrderStatus.OPEN
        for key in stop.metadata.get("replaces", ())
    }
    ending: list[Any] = []
    for stop in stops:
        if str(stop.id) in changing:
            continue
        judged = _judge(
            stop, groups, positions,
            is_sent=stop.id not in unsent, is_replaced=str(stop.id) in replaced,
        )  # fmt: skip
        if judged.verdict is Verdict.END:
            if stop.id in unsent_orders([stop]):
                end_order(stop, OrderStatus.NOT_EXECUTED, judged.reason, now)
            elif stop.venue_order_id is not None:
                ending.append(stop)
        elif judged.verdict is Verdict.SEND:
            _send(venue, stop, judged, now)
        elif judged.verdict is Verdict.RESIZE:
            _resize(venue, account, stop, judged, now)
    if ending:
        _cancel(venue, account, ending, now)


def _groups(venue: Venue, stops: Sequence[Any]) -> dict[uuid.UUID, tuple[Any, list[Any]]]:
    """What each stop belongs to → the entry (None for a position) and all stops of it."""
    orders = venue.order_model._default_manager
    parents = {stop.parent_id for stop in stops if stop.parent_id}
    guarded = {stop.guards_position_id for stop in stops if stop.guards_position_id}
    found: dict[uuid.UUID, tuple[Any, list[Any]]] = {key: (None, []) for key in guarded}
    for entry in orders.filter(pk__in=parents):
        found[entry.id] = (entry, [])
    for each in orders.filter(parent_id__in=parents):
        found[each.parent_id][1].append(each)
    for each in orders.filter(guards_position_id__in=guarded):
        found[each.guards_position_id][1].append(each)
    return found


def _positions(venue: Venue, account: VenueAccount, stops: Sequence[Any]) -> dict[Any, Any]:
    """The open positions of the stops' markets, by market and by their own id."""
    rows = venue.position_model._default_manager.filter(
        wallet_id=account.wallet_id,
        market_id__in={stop.market_id for stop in stops},
        status=PositionStatus.OPEN,
    )
    return {key: position for position in rows for key in (position.market_id, position.id)}


def _judge(
    stop: Any,
    groups: dict[uuid.UUID, tuple[Any, list[Any]]],
    positions: dict[Any, Any],
    *,
    is_sent: bool,
    is_replaced: bool,
) -> Judged:
    key = stop.parent_id or stop.guards_position_id
    entry, siblings = groups.get(key, (None, []))
    held = positions.get(stop.market_id if stop.parent_id else key)
    return judge_stop(
        _leg(stop),
        entry=None if entry is None else _leg(entry),
        # One that had ended before this stop was set is none of its matter.
        siblings=[
            _leg(each)
            for each in siblings
            if each.id != stop.id and (each.ended_at is None or each.ended_at >= stop.created_at)
        ],
        held_side=held.side if held else None,
        held_size=held.size if held else ZERO,
        is_sent=is_sent,
        is_replaced=is_replaced,
    )


def _leg(order: Any) -> Leg:
    return Leg(order.side, order.status, order.size, order.filled_size)


def _send(venue: Venue, stop: Any, judged: Judged, now: datetime) -> None:
    """Send a stop that waited, in the size of what there is for it to guard."""
    previous = latest_messages([stop.id]).get(stop.id)
    if (
        previous is not None
        and previous.ended_at
        and previous.ended_at > now - timedelta(seconds=2)
    ):
        return  # the same refusal would follow at once
    stop.size = judged.size
    stop.deadline = now + DEADLINE
    stop.save(update_fields=["size", "deadline", "updated_at"])
    send_orders(
        orders=[stop],
        wallet_address=stop.wallet.wallet_address,
        venue=venue,
        attempt=previous.attempt + 1 if previous else 1,
        deadline=stop.deadline,
        now=now,
    )


def _resize(venue: Venue, account: VenueAccount, stop: Any, judged: Judged, now: datetime) -> None:
    """Once for each size; where the venue cannot, reduce-only keeps a stop from doing harm."""
    if VenueCapability.MODIFY not in venue.capabilities:
        return
    size = plain(judged.size)
    key = f"stop-size/{stop.id}/{size}"
    if OrderChange.objects.filter(
        wallet_id=account.wallet_id, order_ids__contains=[str(stop.id)], wanted={"size": size}
    ).exists():
        return
    try:
        modify_in_account(
            account=account, venue=venue, order=stop, wanted={"size": size},
            channel=Channel.SYSTEM, key=key, now=now,
        )  # fmt: skip
    except (Conflict, Refused) as error:
        log.warning("stop_keeps_its_size", order=str(stop.id), reason=error.code)


def _cancel(venue: Venue, account: VenueAccount, orders: Sequence[Any], now: datetime) -> None:
    ids = sorted(str(order.id) for order in orders)
    earlier = OrderChange.objects.filter(
        wallet_id=account.wallet_id,
        deployment=account.deployment,
        kind=ChangeKind.CANCEL,
        order_ids=ids,
        status=ChangeStatus.NOT_EXECUTED,
    )
    ends = [at for at in earlier.values_list("ended_at", flat=True) if at is not None]
    if ends and max(ends) > now - _PAUSE * min(len(ends), 15):
        return
    name = hashlib.sha256("".join(ids).encode()).hexdigest()[:32]
    try:
        cancel_in_account(
            account=account, venue=venue, orders=orders, channel=Channel.SYSTEM,
            key=f"stops-gone/{name}/{len(ends)}", now=now,
        )  # fmt: skip
    except (Conflict, Refused) as error:
        log.warning("stops_not_cancelled", orders=ids, reason=error.code)
