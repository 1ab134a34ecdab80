"""How much the desk, a venue, a market or a person may do; and a person's own freeze."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.enums import Channel, TradingState
from accounts.models import User
from audit.services import record
from core.errors import DeskError, NotFound, Refused
from core.roles import as_admin, as_user
from trading.enums import ORDER_LIVE, StateScope
from trading.facts import Denial
from trading.models import TradingStateRow
from trading.services.accounts import lock_account
from trading.services.find_orders import find_orders
from trading.services.read_markets import find_market_row
from trading.services.send_changes import cancel_in_account, orders_under_change, unsent_orders
from trading.venues.base import Venue, open_venues
from trading.wishes import derived_key


def set_trading_state(
    *,
    scope: str,
    key: str,
    state: str,
    reason: str,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    """Set what the desk (`key` ''), a venue (deployment), a market ("deployment:SYMBOL-PERP") or a
    person (id) may do; it holds from the next order, and from the next signing, on.

    Writes an audit row with the state before. Raises Refused (unknown scope or state, no reason),
    NotFound.
    """
    check_trading_state(scope=scope, key=key, state=state, reason=reason)
    with as_admin():
        if scope == StateScope.USER:
            _set_of_user(key, state, reason, actor_id, now)
            return
        row, _ = TradingStateRow.objects.select_for_update().get_or_create(
            scope=scope, key=key, defaults={"state": TradingState.ACTIVE, "changed_at": now}
        )
        before = {"state": row.state, "reason": row.reason}
        row.state, row.reason, row.actor_id, row.changed_at = state, reason, actor_id, now
        row.save()
        _tell(row, before, {"state": state, "reason": reason}, actor_id)


def check_trading_state(*, scope: str, key: str, state: str, reason: str) -> None:
    """Raises Refused and NotFound as set_trading_state would, before anything is set."""
    if scope not in StateScope.values or state not in TradingState.values:
        raise Refused("trading_state.unknown_scope")
    if not reason.strip():
        raise Refused("trading_state.no_reason")
    _check_key(scope, key)


def freeze_user(*, user_id: uuid.UUID, now: datetime) -> tuple[Denial, ...]:
    """Stop everything but closing, at once and on every channel; cancel what would add risk.

    Asks no network: orders that are not signed yet are abandoned at their signing, those at the
    venue are cancelled by messages queued here. Freezing again changes nothing. Returns what
    could not be cancelled, with its reason. Raises NotFound.
    """
    with as_user(user_id):
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None:
            raise NotFound("user.not_found")
        if user.frozen_at is None:
            user.frozen_at = now
            user.save(update_fields=["frozen_at", "updated_at"])
            record(action="user.frozen", resource=user, new={"frozen_at": now}, user_id=user_id)
        frozen_at = user.frozen_at
    denials = []
    for venue in open_venues():
        try:
            denials += _cancel_risk(user_id, venue, frozen_at, now)
        except DeskError as error:
            denials.append(Denial(rule=error.code, params={"venue": venue.deployment}))
    return tuple(denials)


def unfreeze_user(*, user_id: uuid.UUID, now: datetime) -> None:
    """Undo the person's own freeze; what staff has set holds. The caller has checked TOTP.

    Raises NotFound, Refused (not frozen).
    """
    with as_user(user_id):
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None:
            raise NotFound("user.not_found")
        if user.frozen_at is None:
            raise Refused("user.not_frozen")
        before = user.frozen_at
        user.frozen_at = None
        user.save(update_fields=["frozen_at", "updated_at"])
        record(
            action="user.unfrozen", resource=user, old={"frozen_at": before},
            new={"frozen_at": None, "at": now}, user_id=user_id,
        )  # fmt: skip


def _check_key(scope: str, key: str) -> None:
    if scope == StateScope.DESK and key:
        raise Refused("trading_state.unknown_scope")
    if scope == StateScope.VENUE and key not in settings.VENUES:
        raise NotFound("venue.not_found", venue=key)
    if scope == StateScope.MARKET:
        deployment, _, symbol = key.partition(":")
        if deployment not in settings.VENUES:
            raise NotFound("venue.not_found", venue=deployment)
        if find_market_row(deployment=deployment, symbol=symbol).symbol != symbol:
            raise NotFound("market.not_found", symbol=symbol, known="")


def _set_of_user(
    key: str, state: str, reason: str, actor_id: uuid.UUID | None, now: datetime
) -> None:
    user = User.objects.select_for_update(no_key=True).filter(pk=key).first()
    if user is None:
        raise NotFound("user.not_found")
    before = {"state": user.trading_state}
    user.trading_state = state
    user.save(update_fields=["trading_state", "updated_at"])
    _tell(user, before, {"state": state, "reason": reason, "at": now}, actor_id)


def _tell(
    row: Any, before: dict[str, Any], after: dict[str, Any], actor_id: uuid.UUID | None
) -> None:
    told = after | {"actor": str(actor_id) if actor_id else None}
    owner = row.pk if isinstance(row, User) else None
    record(action="trading_state.set", resource=row, old=before, new=told, user_id=owner)


def _cancel_risk(
    user_id: uuid.UUID, venue: Venue, frozen_at: datetime, now: datetime
) -> list[Denial]:
    """Cancel the person's entries at one venue, those never signed included."""
    denials: list[Denial] = []
    with as_user(user_id):
        rows = venue.order_model._default_manager.filter(
            user_id=user_id, deployment=venue.deployment, status__in=ORDER_LIVE, reduce_only=False
        )
        for wallet_id in set(rows.values_list("wallet_id", flat=True)):
            account = lock_account(wallet_id=wallet_id, deployment=venue.deployment)
            ids = list(rows.filter(wallet_id=wallet_id).values_list("id", flat=True))
            orders = find_orders(user_id=user_id, order_ids=ids) if ids else []
            changing = orders_under_change(account=account)
            unsent = unsent_orders(orders)
            ready = [
                order
                for order in orders
                if str(order.id) not in changing
                and (order.venue_order_id is not None or order.id in unsent)
            ]
            denials += [
                Denial(rule="order.not_at_venue_yet", params={"order": str(order.id)})
                for order in orders
                if order not in ready
            ]
            if ready:
                key = derived_key(user_id, "freeze", frozen_at.isoformat(), ready[0].id)
                cancel_in_account(
                    account=account, venue=venue, orders=ready, channel=Channel.SYSTEM, key=key,
                    now=now,
                )  # fmt: skip
    return denials
