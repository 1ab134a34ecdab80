"""An order's numbers at prices of this moment, by the margin maths on the account after it."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from solders.pubkey import Pubkey

from core.money import round_to
from drift.account_report import leverage_of, net_value
from drift.accounts import PerpMarketAccount, UserAccount
from drift.codec import Projection
from drift.fees import fee_tier, maker_fee, taker_fee
from drift.hypotheticals import after_fill, after_placing
from drift.layouts.deployments import Deployment
from drift.margin import (
    Valuation,
    free_collateral,
    health,
    liquidation_price,
    margin_requirement,
)
from drift.margin_weights import BASE_PRECISION, MarginCategory
from drift.order_terms import check_request
from drift.snapshot import Snapshot
from drift.units import BASE_PLACES, PRICE_PLACES, from_base, from_price, from_quote, to_units
from trading.enums import Direction, Side
from trading.venues.base import OrderRequest, VenueCapability
from trading.venues.reports import Quote

_SPREAD_PRECISION = 10**6
_PEG_PRECISION = 10**6
_CURVE = (
    "amm.base_asset_reserve",
    "amm.quote_asset_reserve",
    "amm.peg_multiplier",
    "amm.long_spread",
    "amm.short_spread",
    "amm.curve_update_intensity",
)


class Quoter:
    """Quotes for one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._curve = Projection(deployment.layout, "PerpMarket", _CURVE)

    def quote(self, request: OrderRequest, snapshot: Snapshot, *, slippage: Decimal) -> Quote:
        """Numbers of the order, filled, on the account that the snapshot read first.

        One that waits binds its margin at once, and the rest is as it would be when it fills: a
        stop or target at its trigger. `slippage` is percent of the expected price; the account's
        statistics were read second. Raises Unavailable, Refused.
        """
        _check(request, snapshot)
        market = snapshot.perp_market(request.market_index)
        oracle = snapshot.perp_oracles[request.market_index]
        account = snapshot.user(0) or _newcomer(request.wallet_address)
        snapshot.check_priced(account)
        buys = request.direction == Direction.BUY
        size = to_units(request.size, BASE_PLACES)
        curve = self._expected_price(snapshot, market, oracle.price, size, buys=buys)
        outlook = _outlook(request, curve, from_price(oracle.price), slippage, market)
        price = to_units(
            min(outlook.expected, outlook.worst) if buys else max(outlook.expected, outlook.worst),
            PRICE_PLACES,
        )
        filled = _filled_size(account, request, size)
        notional = filled * price // BASE_PRECISION
        tier = fee_tier(snapshot.state, snapshot.user_stats(1))
        charged = maker_fee if request.post_only else taker_fee
        fee = charged(quote=notional, tier=tier, adjustment=market.fee_adjustment)
        change = filled if buys else -filled
        after = after_fill(account, market, base_change=change, price=price, fee=fee)
        valuation = snapshot.valuation()
        bound = _margin_bound(account, after, valuation)
        if outlook.waits:
            resting = after_placing(account, market, request, size)
            bound = _margin_bound(account, resting, valuation)
            if request.trigger_price is not None:
                # Its margin is judged again when it triggers.
                bound += _margin_bound(account, after, valuation)
        liquidation = liquidation_price(after, valuation, market.market_index)
        held = account.perp_position(market.market_index)
        base = held.base_asset_amount if held else 0
        return Quote(
            oracle_price=from_price(oracle.price),
            oracle_slot=oracle.slot,
            price_age_seconds=snapshot.age(oracle),
            expected_price=from_price(price),
            worst_price=outlook.worst,
            size=request.size,
            notional=from_quote(notional),
            fee=from_quote(fee),
            initial_margin=from_quote(bound),
            free_collateral=from_quote(free_collateral(account, valuation, MarginCategory.INITIAL)),
            collateral=from_quote(net_value(account, valuation)),
            leverage_after=leverage_of(after, valuation),
            health_before=Decimal(health(account, valuation)),
            health_after=Decimal(health(after, valuation)),
            liquidation_price=None if liquidation is None else from_price(liquidation),
            open_orders=account.open_orders,
            open_positions=sum(1 for p in account.perp_positions if p.base_asset_amount),
            position_side=(Side.LONG if base > 0 else Side.SHORT) if base else None,
            position_size=from_base(abs(base)),
        )

    def _expected_price(
        self,
        snapshot: Snapshot,
        market: PerpMarketAccount,
        oracle_price: int,
        size: int,
        *,
        buys: bool,
    ) -> Decimal:
        """The average price of the size on the program's own curve.

        Keepers may do better; a curve that follows the oracle is re-pegged to it by the fill.
        """
        base, quote, peg, long_spread, short_spread, follows = self._curve.read(
            snapshot.perp_bytes[market.market_index]
        )
        middle = oracle_price
        if base and not follows:
            middle = quote * peg * 10**PRICE_PLACES // _PEG_PRECISION // base
        spread = long_spread if buys else -short_spread
        price = Decimal(middle * (_SPREAD_PRECISION + spread)) / _SPREAD_PRECISION
        if base > size:
            # Along a curve of constant product the average price of a trade is this much off.
            price = price * base / (base - size if buys else base + size)
        return price.to_integral_value().scaleb(-PRICE_PLACES)


class _Outlook(NamedTuple):
    """What the order will cost at best guess and at worst, and whether it waits for it."""

    expected: Decimal
    worst: Decimal
    waits: bool


def _check(request: OrderRequest, snapshot: Snapshot) -> None:
    """A market order's price is made from the quote, and so may be missing yet."""
    if request.order_type == VenueCapability.MARKET and request.price is None:
        request = replace(request, price=Decimal(1))
    check_request(request, snapshot.deployment)


def _outlook(
    request: OrderRequest,
    curve: Decimal,
    oracle: Decimal,
    slippage: Decimal,
    market: PerpMarketAccount,
) -> _Outlook:
    buys = request.direction == Direction.BUY
    if request.order_type == VenueCapability.MARKET:
        return _Outlook(curve, _worst_price(curve, slippage, market, buys=buys), waits=False)
    if request.trigger_price is not None:
        expected = request.trigger_price
        worst = request.price or _worst_price(expected, slippage, market, buys=buys)
        return _Outlook(expected, worst, waits=True)
    limit = request.price
    if request.oracle_offset is not None:
        limit = oracle + request.oracle_offset
    assert limit is not None
    crosses = curve <= limit if buys else curve >= limit
    if request.immediate_or_cancel or (crosses and not request.post_only):
        return _Outlook(curve, limit, waits=False)
    return _Outlook(limit, limit, waits=True)


def _worst_price(
    expected: Decimal, slippage: Decimal, market: PerpMarketAccount, *, buys: bool
) -> Decimal:
    """On the tick, and never further off than the slippage that was named."""
    share = slippage / 100
    tick = from_price(market.order_tick_size)
    if buys:
        return round_to(expected * (1 + share), tick, ROUND_FLOOR)
    return max(tick, round_to(expected * (1 - share), tick, ROUND_CEILING))


def _filled_size(account: UserAccount, request: OrderRequest, size: int) -> int:
    """A reduce-only order fills the position that is there, no more."""
    if not request.reduce_only:
        return size
    held = account.perp_position(request.market_index)
    base = held.base_asset_amount if held else 0
    against = base < 0 if request.direction == Direction.BUY else base > 0
    return min(size, abs(base)) if against else 0


def _margin_bound(before: UserAccount, after: UserAccount, valuation: Valuation) -> int:
    category = MarginCategory.INITIAL
    needed = margin_requirement(after, valuation, category)
    return max(0, needed - margin_requirement(before, valuation, category))


def _newcomer(wallet_address: str) -> UserAccount:
    return UserAccount(
        authority=Pubkey.from_string(wallet_address),
        delegate=Pubkey.default(),
        sub_account_id=0,
        status=0,
        is_margin_trading_enabled=False,
        max_margin_ratio=0,
        margin_mode="Default",
        pool_id=0,
        next_order_id=1,
        next_liquidation_id=1,
        total_deposits=0,
        total_withdraws=0,
        total_social_loss=0,
        settled_perp_pnl=0,
        cumulative_spot_fees=0,
        cumulative_perp_funding=0,
        last_active_slot=0,
        open_orders=0,
        spot_positions=(),
        perp_positions=(),
        orders=(),
    )
