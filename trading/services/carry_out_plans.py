"""Plans of several acts: cancel all, close all, panic; each act of a plan is placed once."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import structlog
from django.db.models import Q

from accounts.enums import Channel
from accounts.models import User
from accounts.services import content_hash_of, find_same_intent, record_intent
from core.errors import Conflict, DeskError, Unavailable
from core.money import plain
from core.roles import as_sync, as_user
from core.uuid7 import uuid7
from trading.booking.changes import end_change
from trading.enums import ORDER_ENDED, ORDER_LIVE, ChangeKind, ChangeStatus, OrderRole
from trading.facts import ChangeFacts
from trading.models import OrderChange
from trading.services.accounts import lock_account
from trading.services.cancel_orders import was_made
from trading.services.find_orders import find_orders
from trading.services.place_order import ConfirmedOrder, first_result, place_order
from trading.services.preview_order import preview_order
from trading.services.read_changes import read_change
from trading.services.read_orders import read_order
from trading.services.send_changes import cancel_in_account, orders_under_change, unsent_orders
from trading.venues.base import Venue, VenueCapability, get_venue, open_venues
from trading.wishes import OrderWish, derived_key
from wallets.facts import WalletFacts
from wallets.services import access_wallet

log = structlog.get_logger(__name__)
PLAN_DEADLINE = timedelta(seconds=60)
# A younger plan is still in the hands of who made it, and one of the future is nobody's: the
# clock that it was made by is ahead, and says nothing of whether its maker lives.
_GRACE = timedelta(seconds=5)
# Of one market in one plan; entries are being cancelled, so that more than two are not expected.
_MOST_CLOSES = 5


def cancel_all_orders(
    *,
    user_id: uuid.UUID,
    channel: str,
    key: str,
    now: datetime,
    deployment: str | None = None,
    symbol: str | None = None,
) -> ChangeFacts:
    """Cancel every order of the person's (of a venue, of a market), once for this key.

    Stops are orders too, but for those of a person who has frozen the account. One message a
    venue; what could not be cancelled is in `refusals`. Raises NotFound (no wallet), Conflict,
    Refused for a venue that is only read.
    """
    if deployment:
        get_venue(deployment)
    wanted = {"deployment": deployment or "", "symbol": (symbol or "").upper()}
    return _make(user_id, channel, key, ChangeKind.CANCEL_ALL, wanted, now)


def close_all_positions(
    *, user_id: uuid.UUID, channel: str, key: str, now: datetime
) -> ChangeFacts:
    """Close every position at the market, reduce-only, once for this key.

    One message a position; what could not be closed is in `refusals`. Raises NotFound, Conflict.
    """
    return _make(user_id, channel, key, ChangeKind.CLOSE_ALL, {}, now)


def panic(*, user_id: uuid.UUID, channel: str, key: str, now: datetime) -> ChangeFacts:
    """Cancel every order but the stops of open positions, then close every position.

    The stops stay until their position is closed, and then go with it. The plan outlives this
    process: a worker carries it on until its deadline. Raises NotFound, Conflict.
    """
    return _make(user_id, channel, key, ChangeKind.PANIC, {}, now)


def carry_on_plans(*, now: datetime, limit: int = 50) -> dict[str, Any]:
    """Carry on the plans that whoever made them has left, whatever the reason."""
    with as_sync():
        rows = OrderChange.objects.filter(
            Q(created_at__lt=now - _GRACE) | Q(created_at__gt=now + _GRACE),
            status=ChangeStatus.PENDING,
            kind__in=(ChangeKind.CANCEL_ALL, ChangeKind.CLOSE_ALL, ChangeKind.PANIC),
        ).order_by("id")
        plans = list(rows.values_list("id", "user_id")[:limit])
    for plan_id, user_id in plans:
        try:
            _carry_on(user_id, plan_id, now)
        except Exception:
            # This is a process's loop: one odd plan must not keep the others waiting.
            log.exception("plan_not_carried_on", plan=str(plan_id))
    return {"plans": len(plans)}


def _make(
    user_id: uuid.UUID, channel: str, key: str, kind: ChangeKind, wanted: dict[str, str],
    now: datetime,
) -> ChangeFacts:  # fmt: skip
    with as_user(user_id):
        known = find_same_intent(
            user_id=user_id, channel=channel, key=key, kind=kind, content=wanted
        )
        if known is not None:
            return read_change(user_id=user_id, change_id=known)
    wallet = access_wallet(user_id=user_id)
    with as_user(user_id):
        intent, is_new = record_intent(
            intent_id=uuid7(), user_id=user_id, channel=channel, key=key, kind=kind,
            content=wanted, deadline=now + PLAN_DEADLINE,
        )  # fmt: skip
        if is_new:
            OrderChange(
                id=intent.id, user_id=user_id, wallet_id=wallet.id, kind=kind, wanted=wanted,
                deployment=wanted.get("deployment", ""), deadline=now + PLAN_DEADLINE,
                created_at=now,
            ).save(force_insert=True)  # fmt: skip
    if is_new:
        _carry_on(user_id, intent.id, now)
    return read_change(user_id=user_id, change_id=intent.id)


def _carry_on(user_id: uuid.UUID, plan_id: uuid.UUID, now: datetime) -> None:
    """Place what is not placed yet; every act has a key of its own, so twice is once."""
    with as_user(user_id):
        plan = OrderChange.objects.get(pk=plan_id)
    if plan.status != ChangeStatus.PENDING:
        return
    if now > plan.deadline:
        _finish(user_id, plan_id, [], now, is_late=True)
        return
    wallet = access_wallet(user_id=user_id)
    refusals: list[dict[str, Any]] = []
    waits = False
    for venue in _venues(plan):
        if plan.kind != ChangeKind.CLOSE_ALL:
            waits |= _cancel_at(user_id, plan, venue, wallet, refusals, now)
        if plan.kind != ChangeKind.CANCEL_ALL:
            waits |= _close_at(user_id, plan, venue, wallet, refusals, now)
    if waits:
        _note(user_id, plan_id, refusals)
    else:
        _finish(user_id, plan_id, refusals, now)


def _venues(plan: OrderChange) -> list[Venue]:
    wanted = plan.wanted.get("deployment")
    return [get_venue(wanted)] if wanted else open_venues()


def _cancel_at(
    user_id: uuid.UUID, plan: OrderChange, venue: Venue, wallet: WalletFacts,
    refusals: list[dict[str, Any]], now: datetime,
) -> bool:  # fmt: skip
    """Cancel at one venue; True if something has to wait."""
    if VenueCapability.CANCEL not in venue.capabilities:
        return False
    try:
        with as_user(user_id):
            ids = _cancellable(user_id, plan, venue, wallet)
            if not ids:
                return False
            account = lock_account(wallet_id=wallet.id, deployment=venue.deployment)
            orders = find_orders(user_id=user_id, order_ids=ids)
            changing = orders_under_change(account=account)
            unsent = unsent_orders(orders)
            ready = [
                order
                for order in orders
                if order.status in ORDER_LIVE
                and str(order.id) not in changing
                and (order.venue_order_id is not None or order.id in unsent)
            ]
            for order in orders:
                if order not in ready and str(order.id) not in changing:
                    refusals.append(_said(Conflict("order.not_at_venue_yet"), order.market.symbol))
            if not ready:
                return True
            # The same orders, the same message; those that were on their way have one of their own.
            ready_ids = sorted(str(order.id) for order in ready)
            key = derived_key(
                plan.id, "cancel", venue.deployment, content_hash_of({"orders": ready_ids})[:16]
            )
            if was_made(user_id=user_id, channel=Channel.SYSTEM, key=key):
                return False
            cancel_in_account(
                account=account, venue=venue, orders=ready, channel=Channel.SYSTEM, key=key,
                now=now, parent_id=plan.id,
            )  # fmt: skip
    except DeskError as error:
        refusals.append(_said(error, venue.deployment))
        return isinstance(error, Unavailable)
    # Until they are gone an entry may still fill, and what it opens is to be closed as well.
    return plan.kind == ChangeKind.PANIC


def _cancellable(
    user_id: uuid.UUID, plan: OrderChange, venue: Venue, wallet: WalletFacts
) -> list[uuid.UUID]:
    rows = venue.order_model._default_manager.filter(
        user_id=user_id, wallet_id=wallet.id, deployment=venue.deployment, status__in=ORDER_LIVE
    )
    symbol = plan.wanted.get("symbol")
    if symbol:
        rows = rows.filter(Q(market__symbol=symbol) | Q(market__base_asset=symbol))
    if plan.kind == ChangeKind.PANIC:
        # Its stops guard a position until the close has filled, and go with it then.
        rows = rows.filter(role=OrderRole.ENTRY)
    if User.objects.filter(pk=user_id, frozen_at__isnull=False).exists():
        rows = rows.filter(reduce_only=False)
    return list(rows.values_list("id", flat=True))


def _close_at(
    user_id: uuid.UUID, plan: OrderChange, venue: Venue, wallet: WalletFacts,
    refusals: list[dict[str, Any]], now: datetime,
) -> bool:  # fmt: skip
    """Close each position at one venue; True if something has to wait."""
    if VenueCapability.MARKET not in venue.capabilities:
        return False
    try:
        report = venue.read_accounts([venue.account_address(wallet.address)])[0]
    except Unavailable as error:
        refusals.append(_said(error, venue.deployment))
        return True
    with as_user(user_id):
        symbols = dict(
            venue.market_model.objects.filter(
                deployment=venue.deployment, market_type="perpetual"
            ).values_list("market_index", "symbol")
        )
    waits = False
    for state in report.positions:
        symbol = symbols.get(state.market_index)
        if not state.size or symbol is None:
            continue
        try:
            waits |= _close(user_id, plan, venue, symbol, state.side, now)
        except DeskError as error:
            refusals.append(_said(error, symbol))
            # What was refused for a moment's reason is tried again within the deadline.
            waits |= isinstance(error, Unavailable | Conflict) or error.code == "order.price_moved"
    return waits


def _close(
    user_id: uuid.UUID, plan: OrderChange, venue: Venue, symbol: str, side: str, now: datetime
) -> bool:
    """Close what is held there; True while an earlier close of this plan has not ended.

    What an entry opened after an earlier close has ended is closed by another one.
    """
    for place in count():
        key = derived_key(plan.id, "close", venue.deployment, symbol, place)
        earlier = first_result(user_id, Channel.SYSTEM, key)
        if earlier is None:
            break
        if read_order(user_id=user_id, order_id=earlier).status not in ORDER_ENDED:
            return _has_cancelled(user_id, plan)
        if plan.kind != ChangeKind.PANIC or place + 1 >= _MOST_CLOSES:
            return False
    wish = OrderWish(deployment=venue.deployment, symbol=symbol, side=side, percent=Decimal(100))
    shown = preview_order(user_id=user_id, wish=wish, now=now)
    confirmed = ConfirmedOrder.as_shown(wish, shown)
    placed = place_order(
        user_id=user_id, channel=Channel.SYSTEM, key=key, confirmed=confirmed, now=now
    )
    with as_user(user_id):
        row = OrderChange.objects.select_for_update().get(pk=plan.id)
        known = row.metadata.get("order_ids", [])
        row.metadata = row.metadata | {"order_ids": sorted({*known, str(placed.id)})}
        row.save(update_fields=["metadata", "updated_at"])
    return False


def _has_cancelled(user_id: uuid.UUID, plan: OrderChange) -> bool:
    """Whether entries were cancelled, one of which may have filled while it was."""
    with as_user(user_id):
        return OrderChange.objects.filter(parent_id=plan.id, kind=ChangeKind.CANCEL).exists()


def _note(user_id: uuid.UUID, plan_id: uuid.UUID, refusals: list[dict[str, Any]]) -> None:
    with as_user(user_id):
        row = OrderChange.objects.select_for_update().get(pk=plan_id)
        row.metadata = row.metadata | {"refusals": refusals}
        row.save(update_fields=["metadata", "updated_at"])


def _finish(
    user_id: uuid.UUID, plan_id: uuid.UUID, refusals: list[dict[str, Any]], now: datetime,
    *, is_late: bool = False,
) -> None:  # fmt: skip
    """The plan is done when all of it is placed; what becomes of each act is its own story."""
    with as_user(user_id):
        plan = OrderChange.objects.select_for_update().get(pk=plan_id)
        if not is_late:
            plan.metadata = plan.metadata | {"refusals": refusals}
            plan.save(update_fields=["metadata", "updated_at"])
        cancels = OrderChange.objects.filter(parent_id=plan_id).exists()
        placed = bool(plan.metadata.get("order_ids")) or cancels
        late = "change.deadline_passed" if is_late else ""
        if placed:
            end_change(plan, ChangeStatus.DONE, late, now)
        elif is_late:
            end_change(plan, ChangeStatus.NOT_EXECUTED, late, now)
        else:
            reason = refusals[0]["code"] if refusals else "change.nothing_to_do"
            end_change(plan, ChangeStatus.NOT_EXECUTED, reason, now)


def _said(error: DeskError, where: str) -> dict[str, Any]:
    params = {
        name: plain(value) if isinstance(value, Decimal) else str(value)
        for name, value in error.params.items()
    }
    return {"rule": error.code, "code": error.code, "params": {"where": where, **params}}
