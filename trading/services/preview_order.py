"""An order's numbers before it is placed, and every rule that would deny it."""

import uuid
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db.models import Q

from accounts.enums import TradingState, UserStatus
from accounts.models import User
from accounts.services import read_settings
from chain.rpc import rpc
from core.errors import Refused
from core.money import ZERO, round_down
from core.roles import acting, as_user
from trading.enums import Direction, OrderStatus, Side, StateScope
from trading.facts import Denial, MarketFacts, OrderPreview
from trading.models import TradingStateRow
from trading.risk import RiskFacts, check_risk, deny
from trading.services.read_markets import find_market_row, market_facts
from trading.services.venue_gates import read_venue_gate
from trading.venues.base import OrderRequest, Venue, get_venue
from trading.venues.reports import Quote
from wallets.facts import WalletFacts
from wallets.services import access_wallet
from wallets.tokens import LAMPORTS

_BASE_FEE_LAMPORTS = 5_000


@dataclass(frozen=True, slots=True)
class OrderWish:
    """What a person asks for: exactly one of size (base), notional (quote), percent is given.

    `percent` closes that part of the position (reduce-only always); side is then what is held.
    """

    deployment: str
    symbol: str
    side: str
    size: Decimal | None = None
    notional: Decimal | None = None
    percent: Decimal | None = None
    max_leverage: Decimal | None = None


def preview_order(*, user_id: uuid.UUID, wish: OrderWish, now: datetime) -> OrderPreview:
    """Quote the order on the account as the chain shows it now, and check every rule.

    Reads the network. Raises NotFound (no wallet, no market), Refused (the amount makes no
    order), Unavailable.
    """
    venue = get_venue(wish.deployment)
    row = find_market_row(deployment=wish.deployment, symbol=wish.symbol)
    market = market_facts(row, None, now)
    wallet = access_wallet(user_id=user_id)
    preferences = read_settings(user_id=user_id)
    slippage = Decimal(preferences["trading"]["default_slippage"])
    size, direction, fraction = _size_of(wish, venue, market, wallet)
    quote = venue.quote(
        OrderRequest(
            wallet_address=wallet.address,
            market_index=market.market_index,
            order_type="market",
            direction=direction,
            size=size,
            price=None,
            reduce_only=wish.percent is not None,
            post_only=False,
            label=0,
            expires_at=None,
        ),
        slippage=slippage,
    )
    leverage = wish.max_leverage or Decimal(preferences["risk_management"]["max_leverage"])
    facts = read_risk_facts(
        user_id=user_id,
        market=market,
        direction=direction,
        size=size,
        reduce_only=wish.percent is not None,
        quote=quote,
        max_leverage=leverage,
        now=now,
    )
    cap = Decimal(preferences["trading"]["priority_fee_cap"])
    return OrderPreview(
        market=market,
        side=wish.side,
        direction=direction,
        reduce_only=wish.percent is not None,
        size=size,
        leverage=leverage,
        slippage_percent=slippage,
        quote=quote,
        priority_fee_cap=cap,
        wallet_last4=wallet.address[-4:],
        closes_fraction=fraction,
        denials=(*check_risk(facts), *_sol_for_fees(wallet, cap)),
    )


def _size_of(
    wish: OrderWish, venue: Venue, market: MarketFacts, wallet: WalletFacts
) -> tuple[Decimal, str, Decimal | None]:
    """Size in base units on the step, direction, and the part of the position it closes."""
    if wish.percent is not None:
        return _close_size(wish.percent, venue, market, wallet)
    direction = Direction.BUY if wish.side == Side.LONG else Direction.SELL
    if wish.size is not None:
        return _positive(wish.size), direction, None
    if wish.notional is None:
        raise Refused("order.no_size")
    _positive(wish.notional)
    price = venue.oracle_prices()[market.market_index][0]
    size = round_down(wish.notional / price, market.step_size)
    if size <= 0:
        raise Refused(
            "order.notional_too_small",
            minimum=(market.min_order_size * price).quantize(Decimal("0.01")),
        )
    return size, direction, None


def _positive(amount: Decimal) -> Decimal:
    """No edge lets anything else in; arithmetic on a NaN would raise what no person can read."""
    if not (amount.is_finite() and amount > 0):
        raise Refused("amount.not_positive")
    return amount


def _close_size(
    percent: Decimal, venue: Venue, market: MarketFacts, wallet: WalletFacts
) -> tuple[Decimal, str, Decimal]:
    if not (percent.is_finite() and 0 < percent <= 100):
        raise Refused("order.percent_out_of_range", percent=percent)
    report = venue.read_accounts([venue.account_address(wallet.address)])[0]
    held = next((p for p in report.positions if p.market_index == market.market_index), None)
    if held is None or held.size == 0:
        raise Refused("order.no_position", market=market.symbol)
    direction = Direction.SELL if held.side == Side.LONG else Direction.BUY
    size = held.size if percent == 100 else round_down(held.size * percent / 100, market.step_size)
    if size < market.min_order_size and size != held.size:
        raise Refused("order.part_too_small", minimum=market.min_order_size, unit=market.base_asset)
    return size, direction, percent


def read_risk_facts(
    *,
    user_id: uuid.UUID,
    market: MarketFacts,
    direction: str,
    size: Decimal,
    reduce_only: bool,
    quote: Quote,
    max_leverage: Decimal,
    now: datetime,
) -> RiskFacts:
    """Gather what the rules look at; joins the caller's transaction if one is open.

    `quote` was made after `now`: an order that the venue showed only since then may be missing
    in it, and counts as under way too.
    """
    with as_user(user_id):
        user = User.objects.get(pk=user_id)
        orders = get_venue(market.deployment).order_model
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        trades = orders._default_manager.filter(user_id=user_id, created_at__gte=today).count()
        in_flight = margin_under_way(user_id=user_id, deployment=market.deployment, since=now)
        state = strictest_state(user=user, market=market)
        gate = read_venue_gate(deployment=market.deployment, now=now)
    return RiskFacts(
        user_status=user.status,
        trading_state=state,
        market=market,
        direction=direction,
        size=size,
        reduce_only=reduce_only,
        quote=quote,
        max_leverage=max_leverage,
        max_trade_size_usd=user.max_trade_size_usd,
        trades_today=trades,
        max_daily_trades=user.max_daily_trades,
        in_flight_margin=in_flight,
        venue_closed=gate.reason,
    )


def margin_under_way(*, user_id: uuid.UUID, deployment: str, since: datetime) -> Decimal:
    """Initial margin of orders that an account, as it was seen at `since`, need not show yet."""
    just_seen = Q(
        status__in=[OrderStatus.OPEN, OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED],
        updated_at__gte=since,
    )
    orders = get_venue(deployment).order_model._default_manager.filter(
        Q(status=OrderStatus.PENDING) | just_seen,
        user_id=user_id,
        deployment=deployment,
        reduce_only=False,
    )
    margins = [Decimal(order.metadata.get("initial_margin", 0)) for order in orders]
    return sum(margins, ZERO)


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
    states = {user.trading_state} | {
        state for scope, key, state in rows if wanted[StateScope(scope)] == key
    }
    if user.status in (UserStatus.SUSPENDED, UserStatus.BANNED, UserStatus.CLOSED):
        states.add(TradingState.REDUCE_ONLY)
    for state in (TradingState.HALTED, TradingState.REDUCE_ONLY):
        if state in states:
            return state
    return TradingState.ACTIVE


def _sol_for_fees(wallet: WalletFacts, cap: Decimal) -> tuple[Denial, ...]:
    held = Decimal(rpc().balance(wallet.address)) / LAMPORTS
    needed = cap + Decimal(_BASE_FEE_LAMPORTS) / LAMPORTS
    if held >= needed:
        return ()
    missing = (needed - held).quantize(Decimal("0.000001"), rounding=ROUND_DOWN) or ZERO
    return (deny("sol_for_fees_missing", needed=needed, held=held, missing=missing),)
