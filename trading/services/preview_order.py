"""An order's numbers before it is placed, and every rule that would deny it."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Any

from accounts.services import read_settings
from chain.rpc import rpc
from core.errors import Refused
from core.money import ZERO, round_down, round_to
from core.roles import as_user
from trading.enums import Direction, Side
from trading.facts import Denial, MarketFacts, OrderPreview
from trading.risk import check_risk, deny, warn
from trading.services.read_markets import find_market_row, market_facts
from trading.services.read_risk import read_risk_facts
from trading.venues.base import OrderRequest, Venue, VenueCapability, get_venue
from trading.venues.reports import PositionState, Quote
from trading.wishes import TRIGGERED_MARKET, OrderWish, check_wish
from wallets.facts import WalletFacts
from wallets.services import access_wallet
from wallets.tokens import LAMPORTS

__all__ = ["OrderWish", "preview_order"]

_BASE_FEE_LAMPORTS = 5_000


def preview_order(*, user_id: uuid.UUID, wish: OrderWish, now: datetime) -> OrderPreview:
    """Quote the order on the account as the chain shows it now, and check every rule.

    Reads the network. Raises NotFound (no wallet, no market), Refused (the wish makes no order
    or the venue has no instruction for it), Unavailable.
    """
    ground = read_ground(user_id=user_id, wish=wish, now=now)
    preview = quote_order(wish=wish, ground=ground)
    facts = read_risk_facts(
        user_id=user_id,
        wish=wish,
        market=preview.market,
        direction=preview.direction,
        size=preview.size,
        quote=preview.quote,
        max_leverage=preview.leverage,
        slippage=preview.slippage_percent,
        now=now,
    )
    return replace(preview, denials=(*check_risk(facts), *preview.denials), warnings=warn(facts))


@dataclass(frozen=True, slots=True)
class Ground:
    """What the books say before a venue is asked."""

    venue: Venue
    market: MarketFacts
    wallet: WalletFacts
    preferences: dict[str, Any]


def read_ground(*, user_id: uuid.UUID, wish: OrderWish, now: datetime) -> Ground:
    """Market, wallet and settings by one transaction. Raises NotFound, Refused."""
    venue = get_venue(wish.deployment)
    check_wish(wish=wish, venue=venue)
    with as_user(user_id, looks=True):
        row = find_market_row(deployment=wish.deployment, symbol=wish.symbol)
        wallet = access_wallet(user_id=user_id, balances=False)
        preferences = read_settings(user_id=user_id)
    return Ground(venue, market_facts(row, None, now), wallet, preferences)


def quote_order(*, wish: OrderWish, ground: Ground) -> OrderPreview:
    """The order's numbers, with only those denials that need nothing but the network.

    No transaction may be open. Raises Refused, Unavailable.
    """
    venue, market, wallet = ground.venue, ground.market, ground.wallet
    preferences = ground.preferences
    slippage = wish.slippage or Decimal(preferences["trading"]["default_slippage"])
    size, direction, fraction = _size_of(wish, venue, market, wallet)
    request = OrderRequest(
        wallet_address=wallet.address,
        market_index=market.market_index,
        order_type=wish.order_type,
        direction=direction,
        size=size,
        price=wish.price,
        reduce_only=wish.reduces,
        post_only=wish.post_only,
        label=0,
        expires_at=None,
        trigger_price=wish.trigger_price,
        immediate_or_cancel=wish.immediate_or_cancel,
        oracle_offset=wish.oracle_offset,
    )
    quote = as_ordered(
        wish=wish,
        quote=venue.quote(request, slippage=slippage),
        tick=market.tick_size,
    )
    leverage = Decimal(preferences["risk_management"]["max_leverage"])
    if wish.max_leverage is not None:
        # One order may be held to less than the person's own limit, never to more.
        leverage = min(leverage, wish.max_leverage)
    cap = Decimal(preferences["trading"]["priority_fee_cap"])
    short_of_sol = _sol_for_fees(wallet, cap) if venue.settles_on_chain else ()
    return OrderPreview(
        market=market,
        side=wish.side,
        direction=direction,
        reduce_only=wish.reduces,
        size=size,
        leverage=leverage,
        slippage_percent=slippage,
        quote=quote,
        priority_fee_cap=cap,
        wallet_last4=wallet.address[-4:],
        closes_fraction=fraction,
        denials=short_of_sol,
        order_type=wish.order_type,
        price=wish.price,
        trigger_price=wish.trigger_price,
        oracle_offset=wish.oracle_offset,
        stop_loss=wish.stop_loss,
        take_profit=wish.take_profit,
        stops_go_with_entry=stops_go_along(wish=wish, venue=venue),
        post_only=wish.post_only,
        immediate_or_cancel=wish.immediate_or_cancel,
        expires_in=wish.expires_in,
    )


def stops_go_along(*, wish: OrderWish, venue: Venue) -> bool:
    """Whether a bracket's stops are sent with their entry, in one message.

    Those of a resting entry wait at the desk until it fills: a stop that goes off before its
    entry has filled would close another position.
    """
    goes_alone = wish.rests or wish.immediate_or_cancel
    return not goes_alone and VenueCapability.BRACKET in venue.capabilities


def as_ordered(*, wish: OrderWish, quote: Quote, tick: Decimal) -> Quote:
    """The quote at the prices that the order names; a taker's stays as the venue made it."""
    if wish.order_type == VenueCapability.MARKET:
        return quote
    price = wish.price
    if wish.oracle_offset is not None:
        price = quote.oracle_price + wish.oracle_offset
    if price is None:
        assert wish.trigger_price is not None
        # The venue makes its price when it goes off; as far from the trigger as from here now.
        away = quote.worst_price - quote.expected_price
        price = max(tick, round_to(wish.trigger_price + away, tick, ROUND_HALF_EVEN))
    expected = price
    if wish.order_type in TRIGGERED_MARKET and wish.trigger_price is not None:
        expected = wish.trigger_price
    elif wish.immediate_or_cancel:
        expected = quote.expected_price
    return replace(
        quote,
        worst_price=price,
        expected_price=expected,
        notional=(quote.size * expected).quantize(Decimal("1e-6")),
    )


def _size_of(
    wish: OrderWish, venue: Venue, market: MarketFacts, wallet: WalletFacts
) -> tuple[Decimal, str, Decimal | None]:
    """Size in base units on the step, direction, and the part of the position it closes."""
    if wish.percent is not None:
        return _close_size(wish.percent, venue, market, wallet)
    direction: str = Direction.BUY if wish.side == Side.LONG else Direction.SELL
    if wish.flip:
        return _flip_size(wish, venue, market, wallet), direction, None
    if wish.reduce_only:
        # The side of a close is what is held.
        direction = Direction.SELL if wish.side == Side.LONG else Direction.BUY
    if wish.size is not None:
        return _positive(wish.size), direction, None
    if wish.notional is None:
        raise Refused("order.no_size")
    _positive(wish.notional)
    price = wish.price or venue.oracle_prices()[market.market_index][0]
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


def _held(venue: Venue, market: MarketFacts, wallet: WalletFacts) -> PositionState:
    report = venue.read_accounts([venue.account_address(wallet.address)])[0]
    held = next((p for p in report.positions if p.market_index == market.market_index), None)
    if held is None or held.size == 0:
        raise Refused("order.no_position", market=market.symbol)
    return held


def _flip_size(wish: OrderWish, venue: Venue, market: MarketFacts, wallet: WalletFacts) -> Decimal:
    held = _held(venue, market, wallet)
    if held.side == wish.side:
        raise Refused("order.nothing_to_flip", market=market.symbol, side=held.side)
    return held.size + (held.size if wish.size is None else _positive(wish.size))


def _close_size(
    percent: Decimal, venue: Venue, market: MarketFacts, wallet: WalletFacts
) -> tuple[Decimal, str, Decimal]:
    if not (percent.is_finite() and 0 < percent <= 100):
        raise Refused("order.percent_out_of_range", percent=percent)
    held = _held(venue, market, wallet)
    direction = Direction.SELL if held.side == Side.LONG else Direction.BUY
    size = held.size if percent == 100 else round_down(held.size * percent / 100, market.step_size)
    if size < market.min_order_size and size != held.size:
        raise Refused("order.part_too_small", minimum=market.min_order_size, unit=market.base_asset)
    return size, direction, percent


def _sol_for_fees(wallet: WalletFacts, cap: Decimal) -> tuple[Denial, ...]:
    held = Decimal(rpc().balance(wallet.address)) / LAMPORTS
    needed = cap + Decimal(_BASE_FEE_LAMPORTS) / LAMPORTS
    if held >= needed:
        return ()
    missing = (needed - held).quantize(Decimal("0.000001"), rounding=ROUND_DOWN) or ZERO
    return (deny("sol_for_fees_missing", needed=needed, held=held, missing=missing),)
