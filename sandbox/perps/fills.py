"""Filling perp orders: whether, in what order against whom, and what is checked after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from solders.pubkey import Pubkey

from sandbox.perps import amm
from sandbox.perps.amm_fills import fill_with_amm
from sandbox.perps.averages import count_market_volume
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.filling import Filling
from sandbox.perps.frame import Frame
from sandbox.perps.funding import settle_funding
from sandbox.perps.funding_rates import update_funding_rate
from sandbox.perps.makers import MakerOrder, crosses, find_maker_orders
from sandbox.perps.margin import calculate_margin, require_not_liquidated
from sandbox.perps.matches import fill_with_maker
from sandbox.perps.model import Order, PerpMarket, User
from sandbox.perps.oracles import (
    GOOD_FOR_AMM_FILL,
    GOOD_FOR_ORDER_PRICE,
    is_too_divergent,
    widest_divergence,
)
from sandbox.perps.order_rules import must_cancel_reduce_only, reduces_position
from sandbox.perps.referrals import find_referrer
from sandbox.perps.rewards import cancel_for_reward
from sandbox.perps.terms import (
    BASE,
    MARGIN,
    PERCENT,
    Direction,
    Explanation,
    Margin,
    MarketKind,
    OrderStatus,
    Paused,
    PerpPaused,
)
from sandbox.solana.programs import ProgramError

EXPIRY_GRACE = 15
MOST_METHODS = 6


def fill_order(
    frame: Frame,
    order_id: int,
    user: User,
    stats: Any,
    filler: User,
    filler_stats: Any,
    *,
    taking: bool = False,
) -> int:
    """Fill what can be filled; gives the base amount. Often nothing happens, without an error."""
    order = user.find_order(order_id)
    if order is None:
        raise Refused(Error.ORDER_DOES_NOT_EXIST)
    require(order.market_type == MarketKind.PERP, Error.INVALID_ORDER_MARKET_TYPE)
    market = frame.perp_market(order.market_index)
    settle_funding(frame, user, market)
    _require_fillable(order, market)
    if user.is_bankrupt:
        return 0
    with suppress(ProgramError):
        require_not_liquidated(frame, user)
    if user.is_being_liquidated:
        frame.ctx.log("user is being liquidated")
        return 0
    require(not market.is_in_settlement(frame.now), Error.MARKET_FILL_ORDER_PAUSED)
    assert filler.key is not None
    stranger = filler.key != user.key and filler.key not in frame.users
    rewarded = stranger and filler.authority != user.authority
    filling = Filling(
        frame=frame,
        user=user,
        stats=stats,
        order=order,
        market=market,
        filler_key=filler.key,
        filler=filler if rewarded else None,
        filler_stats=filler_stats if rewarded else None,
        makers=frame.users,
        maker_stats=frame.user_stats,
        taking=taking,
        direction=Direction(order.direction),
    )
    return _fill(filling)


def _require_fillable(order: Order, market: PerpMarket) -> None:
    open_market = market.is_active or market.is_reduce_only
    require(open_market, Error.MARKET_FILL_ORDER_PAUSED)
    require(not market.is_paused(PerpPaused.FILL), Error.MARKET_FILL_ORDER_PAUSED)
    require(order.status == OrderStatus.OPEN, Error.ORDER_NOT_OPEN)
    ready = not order.must_be_triggered or order.is_triggered
    require(ready, Error.ORDER_MUST_BE_TRIGGERED_FIRST)


def _fill(filling: Filling) -> int:
    frame, user, order, market = filling.frame, filling.user, filling.order, filling.market
    _read_oracle(filling)
    makers = find_maker_orders(filling)
    filling.referral = find_referrer(frame, filling.stats, user)
    average = market.historical_oracle_data.last_oracle_price_twap5min
    rails = frame.state.oracle_guard_rails
    if is_too_divergent(filling.oracle, average, rails):
        if filling.filler is not None:
            filling.filler.touch(frame.slot)
        return 0
    curve_waits = not _curve_is_ready(filling)
    hopeless = curve_waits and not filling.makers and order.is_limit
    require(not hopeless, Error.IMPOSSIBLE_FILL)
    expired = _must_expire(order, frame.now)
    position = user.position(market.market_index)
    step = market.order_step_size
    if expired or must_cancel_reduce_only(order, position.base_asset_amount, step):
        explanation = Explanation.REDUCE_ONLY_INCREASED_POSITION
        cancel_for_reward(
            filling, user, order, Explanation.ORDER_EXPIRED if expired else explanation
        )
        return 0

    base, quote = _fulfill(filling, makers)
    if base != 0:
        price = quote * BASE // base
        _require_within_bands(filling, price, average, widest_divergence(rails))
        if frame.deployment.is_later_build:
            market.last_fill_price = price
    if must_cancel_reduce_only(order, position.base_asset_amount, step):
        cancel_for_reward(filling, user, order, Explanation.REDUCE_ONLY_INCREASED_POSITION)
    if base == 0:
        return 0
    cap = market.max_open_interest
    require(cap == 0 or cap > market.open_interest, Error.MAX_OPEN_INTEREST)
    update_funding_rate(frame, market, middle=filling.middle)
    user.touch(frame.slot)
    return base


def _curve_is_ready(filling: Filling) -> bool:
    """Later builds let the curve fill at once whoever takes from it by an own transaction."""
    at_once = filling.taking and filling.frame.deployment.is_later_build
    return at_once or order_waited(filling.order, filling.frame)


def order_waited(order: Order, frame: Frame) -> bool:
    """Whether the order has stood as long as it must before the curve may fill it."""
    least = frame.state.min_perp_auction_duration
    if least == 0:
        return True
    if frame.slot < order.slot:
        raise Refused(Error.MATH)
    return bool(frame.slot - order.slot > least)


def _read_oracle(filling: Filling) -> None:
    frame, market = filling.frame, filling.market
    average = market.historical_oracle_data.last_oracle_price_twap
    oracle, validity = frame.oracles.price_and_validity(market, market.oracle, average)
    filling.oracle = oracle.price
    filling.valid_oracle = oracle.price if validity in GOOD_FOR_ORDER_PRICE else None
    paused = frame.state.exchange_status & Paused.AMM or market.is_paused(PerpPaused.AMM_FILL)
    lossy = amm.has_too_much_drawdown(market)
    filling.amm_open = validity in GOOD_FOR_AMM_FILL and not paused and not lossy
    filling.middle = amm.reserve_price(market)


def _must_expire(order: Order, now: int) -> bool:
    expired = order.is_expired(now)
    if expired and order.is_limit:
        require(order.is_expired(now - EXPIRY_GRACE), Error.IMPOSSIBLE_FILL)
    return expired


def _methods(filling: Filling, makers: list[MakerOrder]) -> Iterator[MakerOrder | int | None]:
    """In turn: a maker's order, the curve up to a maker's price, or (None) the curve alone."""
    order, market, limit = filling.order, filling.market, filling.limit()
    curve = filling.amm_open and _curve_is_ready(filling)
    if order.post_only:
        if curve and limit is None:
            raise Refused(Error.DEFAULT)
        if curve and limit is not None:
            quoted = amm.quoted_price(market, filling.middle, order.direction)
            if crosses(order.direction, limit, quoted):
                yield None
        return
    opposite = Direction(order.direction).opposite
    quoted = amm.quoted_price(market, filling.middle, order.direction)
    given = 0
    for offer in makers:
        price = offer[2]
        if limit is not None and not crosses(opposite, price, limit):
            break
        better = price <= quoted if order.direction == Direction.LONG else price >= quoted
        if curve and not better:
            yield price
            given += 1
            quoted = price
        yield offer
        given += 1
        if given > MOST_METHODS:
            break
    if curve and (limit is None or crosses(opposite, quoted, limit)):
        yield None


def _fulfill(filling: Filling, makers: list[MakerOrder]) -> tuple[int, int]:
    frame, user, order, market = filling.frame, filling.user, filling.order, filling.market
    base_before = user.position(market.market_index).base_asset_amount
    reducing = reduces_position(order.direction, order.unfilled(base_before), base_before)
    methods = list(_methods(filling, makers))
    if not methods:
        return 0, 0
    base = quote = 0
    by_maker: dict[Pubkey, int] = {}
    maker_sign = -1 if filling.direction == Direction.LONG else 1
    for method in methods:
        if order.status != OrderStatus.OPEN:
            break
        if isinstance(method, tuple):
            filled, paid = fill_with_maker(filling, method)
            if filled:
                by_maker[method[0]] = by_maker.get(method[0], 0) + maker_sign * filled
        else:
            filled, paid = fill_with_amm(filling, override_price=method)
        base, quote = base + filled, quote + paid
        count_market_volume(market, paid, filling.direction, frame.now)
    require((base > 0) == (quote > 0), Error.DEFAULT)
    kind = Margin.MAINTENANCE if reducing else Margin.FILL
    require(calculate_margin(frame, user, kind).is_met, Error.INSUFFICIENT_COLLATERAL)
    for key, change in by_maker.items():
        maker = filling.makers[key]
        kind = _maker_margin(maker, change, market.market_index)
        require(calculate_margin(frame, maker, kind).is_met, Error.INSUFFICIENT_COLLATERAL)
    return base, quote


def _maker_margin(maker: User, change: int, market_index: int) -> Margin:
    position = maker.find_position(market_index)
    after = int(position.base_asset_amount) if position is not None else 0
    before = after - change
    same_side = (after > 0) == (before > 0) and before != 0
    if after == 0 or (same_side and abs(after) < abs(before)):
        return Margin.MAINTENANCE
    return Margin.FILL


def _require_within_bands(filling: Filling, price: int, average: int, divergence: int) -> None:
    oracle = filling.oracle
    if filling.direction == Direction.LONG:
        away, away_average = price - oracle, price - average
    else:
        away, away_average = oracle - price, average - price
    if away < 0 and away_average < 0:
        return
    within = max(away, 0) * MARGIN // oracle < filling.market.margin_ratio_initial
    require(within, Error.PRICE_BANDS_BREACHED)
    require(max(away_average, 0) * PERCENT // average < divergence, Error.PRICE_BANDS_BREACHED)
