"""What the rules look at, gathered in a handful of statements."""

import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Q, Sum

from accounts.enums import TradingState, UserStatus
from accounts.models import User
from core.money import ZERO
from core.roles import acting, as_user
from trading.enums import ORDER_LIVE, OrderRole, OrderStatus, PositionStatus, StateScope
from trading.facts import MarketFacts
from trading.limits import DAILY_LIMITS
from trading.models import TradingStateRow
from trading.risk import RiskFacts
from trading.services.venue_gates import read_venue_gate
from trading.venues.base import Venue, get_venue
from trading.venues.reports import Quote
from trading.wishes import OrderWish


class LiveOrder(NamedTuple):
    """An order that is under way or rests, or that the venue filled a moment ago."""

    id: uuid.UUID
    wallet_id: uuid.UUID
    market_id: uuid.UUID
    role: str
    status: str
    side: str
    parent_id: uuid.UUID | None
    guards_position_id: uuid.UUID | None
    venue_label: int | None
    reduce_only: bool
    initial_margin: Decimal | None
    updated_at: datetime


def read_risk_facts(
    *,
    user_id: uuid.UUID,
    wish: OrderWish,
    market: MarketFacts,
    direction: str,
    size: Decimal,
    quote: Quote,
    max_leverage: Decimal,
    slippage: Decimal,
    now: datetime,
    live: Sequence[LiveOrder] | None = None,
) -> RiskFacts:
    """Gather what the rules look at; joins the caller's transaction if one is open.

    `quote` was made after `now`: an order that the venue showed only since then may be missing
    in it, and counts as under way too. `live` are the person's orders as list_live gave them.
    """
    venue = get_venue(market.deployment)
    with as_user(user_id, looks=True):
        user = User.objects.get(pk=user_id)
        if live is None:
            live = list_live(user_id=user_id, venue=venue, since=now)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        spent = venue.order_model._default_manager.filter(
            user_id=user_id, created_at__gte=today, reduce_only=False, origin="ours"
        ).aggregate(count=Count("id"), notional=Sum("notional"))
        state = strictest_state(user=user, market=market)
        gate = read_venue_gate(deployment=market.deployment, now=now)
        orphans = _count_orphans(venue, market, live)
    limits = DAILY_LIMITS[user.subscription_tier]
    return RiskFacts(
        user_status=user.status,
        trading_state=state,
        is_frozen=user.frozen_at is not None,
        market=market,
        direction=direction,
        size=size,
        reduce_only=wish.reduces,
        quote=quote,
        max_leverage=max_leverage,
        max_trade_size_usd=user.max_trade_size_usd,
        trades_today=spent["count"],
        max_daily_trades=min(user.max_daily_trades, limits.trades),
        in_flight_margin=_margin(live, since=now),
        order_type=wish.order_type,
        rests=wish.rests,
        price=wish.price,
        trigger_price=wish.trigger_price,
        post_only=wish.post_only,
        stop_loss=wish.stop_loss,
        take_profit=wish.take_profit,
        slippage=slippage if wish.order_type == "market" else wish.slippage,
        notional_today=spent["notional"] or ZERO,
        max_daily_notional=limits.notional,
        orders_asked=wish.legs,
        orders_under_way=sum(1 for order in live if order.status == OrderStatus.PENDING),
        orphans=orphans,
        venue_closed=gate.reason,
    )


def list_live(*, user_id: uuid.UUID, venue: Venue, since: datetime) -> list[LiveOrder]:
    """The person's orders that an account, as it was seen at `since`, shows or need not show."""
    just_filled = Q(status=OrderStatus.FILLED, updated_at__gte=since)
    rows = venue.order_model._default_manager.filter(
        Q(status__in=ORDER_LIVE) | just_filled, user_id=user_id, deployment=venue.deployment
    ).values_list(*LiveOrder._fields)
    return [LiveOrder(*row) for row in rows]


def margin_under_way(*, user_id: uuid.UUID, deployment: str, since: datetime) -> Decimal:
    """Initial margin of orders that an account, as it was seen at `since`, need not show yet."""
    return _margin(
        list_live(user_id=user_id, venue=get_venue(deployment), since=since), since=since
    )


def _margin(live: Sequence[LiveOrder], *, since: datetime) -> Decimal:
    margins = (
        order.initial_margin or ZERO
        for order in live
        if not order.reduce_only
        and (order.status == OrderStatus.PENDING or order.updated_at >= since)
    )
    return sum(margins, ZERO)


def _count_orphans(venue: Venue, market: MarketFacts, live: Sequence[LiveOrder]) -> int:
    """Stops in this market whose entry is over and whose position is closed."""
    stops = [
        order
        for order in live
        if order.market_id == market.id
        and order.role != OrderRole.ENTRY
        and order.status in (OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED)
    ]
    if not stops:
        return 0
    waiting = {order.id for order in live if order.status in ORDER_LIVE}
    held = set(
        venue.position_model._default_manager.filter(
            wallet_id__in={stop.wallet_id for stop in stops},
            market_id=market.id,
            status=PositionStatus.OPEN,
        ).values_list("side", flat=True)
    )
    return sum(1 for stop in stops if stop.side not in held and stop.parent_id not in waiting)


def strictest_state(*, user: User, market: MarketFacts) -> str:
    """Of desk, venue, market and user, the state that lets least be done."""
    wanted = {
        StateScope.DESK: "",
        StateScope.VENUE: market.deployment,
        StateScope.MARKET: f"{market.deployment}:{market.symbol}",
    }
    # They are the same for everybody: any open transaction may read them.
    with nullcontext() if acting() else as_user(user.id):
        rows: list[Any] = list(TradingStateRow.objects.values_list("scope", "key", "state"))
    states = {user.present_trading_state} | {
        state for scope, key, state in rows if wanted.get(StateScope(scope)) == key
    }
    if user.status in (UserStatus.SUSPENDED, UserStatus.BANNED, UserStatus.CLOSED):
        states.add(TradingState.REDUCE_ONLY)
    for state in (TradingState.HALTED, TradingState.REDUCE_ONLY):
        if state in states:
            return state
    return TradingState.ACTIVE
