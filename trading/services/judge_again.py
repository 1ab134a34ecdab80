"""The rules once more, on the account and the prices of this moment: right before signing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.enums import TradingState, UserStatus
from accounts.services import read_settings
from core.errors import Refused
from core.money import ZERO
from core.roles import as_user
from markets.enums import MarketStatus
from trading.enums import Direction, OrderRole, Side
from trading.risk import MAX_PRICE_AGE_SECONDS, MAX_SLIPPAGE, RiskFacts, check_risk, refuse
from trading.services.preview_order import as_ordered
from trading.services.read_markets import market_facts
from trading.services.read_risk import list_live, read_risk_facts, strictest_state
from trading.services.send_orders import order_request
from trading.services.venue_gates import read_venue_gate
from trading.venues.base import Venue, VenueCapability
from trading.wishes import OrderWish

# An order that was judged so lately was judged on the prices of this moment.
FRESH = timedelta(seconds=2)


def judge_orders(
    *,
    orders: Sequence[Any],
    venue: Venue,
    wallet_address: str,
    seen_slot: int | None,
    now: datetime,
) -> datetime | None:
    """Judge the orders of one message, which count as asked for, not as under way already.

    An entry passes every rule again, on a quote of this moment. What reduces must have something
    to reduce; no other rule refuses it, and of a position that shrank it closes what is left.
    Of those that were placed a moment ago nothing can have changed but what the guard looks at.
    `seen_slot` is how young the look must be at least: that of the books on which a stop is sent.
    Returns until when the price that an entry was judged on is young enough to sign it; None for
    what reduces. Reads the network. Raises Refused with the rule that denies, Unavailable.
    """
    order = next((each for each in orders if each.role == OrderRole.ENTRY), orders[0])
    # Placed by a clock that is ahead, it would seem to be of this moment for as long as that.
    is_fresh = abs(now - order.created_at) <= FRESH
    if order.reduce_only:
        if not is_fresh:
            _check_reduces(order, venue, wallet_address, seen_slot)
        return None
    age = order.metadata.get("price_age")
    if is_fresh and age is not None:
        return price_is_young_until(Decimal(age), order.created_at)
    market = market_facts(order.market, None, now)
    wish = _wish_of(order, orders)
    # A market order's worst price is the one that was confirmed; a trigger's is only told.
    slippage = Decimal(order.metadata.get("slippage", MAX_SLIPPAGE))
    quote = as_ordered(
        wish=wish,
        quote=venue.quote(order_request(order, wallet_address=wallet_address), slippage=slippage),
        tick=market.tick_size,
    )
    if order.order_type == VenueCapability.MARKET:
        quote = replace(quote, worst_price=order.price)
    settings = read_settings(user_id=order.user_id)
    most = Decimal(settings["risk_management"]["max_leverage"])
    carried = {each.id for each in orders}
    with as_user(order.user_id):
        live = list_live(user_id=order.user_id, venue=venue, since=now)
        facts = read_risk_facts(
            user_id=order.user_id,
            wish=wish,
            market=market,
            direction=order.direction,
            size=order.size,
            quote=quote,
            max_leverage=min(order.leverage, most),
            slippage=slippage,
            now=now,
            live=[each for each in live if each.id not in carried],
        )
    refuse(check_risk(_without_itself(facts, order, len(orders), now)))
    return price_is_young_until(quote.price_age_seconds, now)


def price_is_young_until(age_seconds: Decimal, seen_at: datetime) -> datetime:
    """When a price of this age at `seen_at` is as old as the rules let it be."""
    return seen_at + timedelta(seconds=int(MAX_PRICE_AGE_SECONDS - age_seconds))


def check_may_add(*, order: Any, venue: Venue, now: datetime) -> None:
    """What rows tell of whether anything may be added now; in the caller's transaction.

    Person, freeze, the states of desk, venue and market, the market itself, the venue's gate.
    Raises Refused.
    """
    market = market_facts(order.market, None, now)
    state = strictest_state(user=order.user, market=market)
    if state != TradingState.ACTIVE:
        raise Refused("risk.trading_halted")
    if order.user.status != UserStatus.ACTIVE:
        raise Refused("risk.user_not_active", status=order.user.status)
    if market.status != MarketStatus.ACTIVE:
        raise Refused("risk.market_not_active", market=market.symbol, status=market.status)
    gate = read_venue_gate(deployment=venue.deployment, now=now)
    if not gate.is_open:
        raise Refused("risk.venue_read_only", reason=gate.reason)


def _without_itself(facts: RiskFacts, order: Any, asked: int, now: datetime) -> RiskFacts:
    """The day's limits as they were before this order, if it is of today at all."""
    facts = replace(facts, orders_asked=asked)
    if order.created_at.date() != now.date():
        return facts
    return replace(
        facts,
        trades_today=facts.trades_today - 1,
        notional_today=facts.notional_today - (order.notional or ZERO),
    )


def _check_reduces(order: Any, venue: Venue, wallet_address: str, seen_slot: int | None) -> None:
    address = venue.account_address(wallet_address)
    report = venue.read_accounts([address], min_slot=seen_slot)[0]
    held = next((p for p in report.positions if p.market_index == order.market_index), None)
    if held is None or held.size == 0:
        raise Refused("risk.no_position", market=order.market.symbol)
    if order.direction != (Direction.SELL if held.side == Side.LONG else Direction.BUY):
        raise Refused("risk.would_increase", size=held.size)


def _wish_of(order: Any, orders: Sequence[Any]) -> OrderWish:
    """What was asked for, read off the rows that it has become."""
    triggers = {each.role: each.trigger_price for each in orders}
    return OrderWish(
        deployment=order.deployment,
        symbol=order.market.symbol,
        side=order.side,
        size=order.size,
        order_type=order.order_type,
        price=None if order.order_type == VenueCapability.MARKET else order.price,
        trigger_price=order.trigger_price,
        post_only=order.post_only,
        immediate_or_cancel=order.immediate_or_cancel,
        oracle_offset=order.oracle_offset,
        stop_loss=triggers.get(OrderRole.STOP_LOSS),
        take_profit=triggers.get(OrderRole.TAKE_PROFIT),
    )
