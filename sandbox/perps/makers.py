"""Finding the resting orders that can make for a taker."""

from __future__ import annotations

from solders.pubkey import Pubkey

from sandbox.perps.auctions import forced_limit_price
from sandbox.perps.filling import Filling
from sandbox.perps.funding import settle_funding
from sandbox.perps.model import Order, PerpMarket, User
from sandbox.perps.order_rules import must_cancel_reduce_only
from sandbox.perps.rewards import cancel_for_reward
from sandbox.perps.terms import MARGIN, Direction, Explanation, MarketKind, OrderStatus

MakerOrder = tuple[Pubkey, Order, int]


def find_maker_orders(filling: Filling) -> list[MakerOrder]:
    """Offers of the makers given, best first; hopeless ones are cancelled on the way."""
    frame, taker, market = filling.frame, filling.order, filling.market
    found: list[MakerOrder] = []
    for key in sorted(filling.makers, key=bytes):
        maker = filling.makers[key]
        if key == filling.user.key or maker.is_being_liquidated or maker.is_bankrupt:
            continue
        offers = [
            (
                order,
                forced_limit_price(
                    order, slot=frame.slot, tick=market.order_tick_size, oracle=filling.oracle
                ),
            )
            for order in maker.orders
            if _opposes(order, taker)
        ]
        if not offers:
            continue
        maker.touch(frame.slot)
        settle_funding(frame, maker, market)
        for order, price in offers:
            if not _may_make(order, taker, frame.slot):
                continue
            if _clean_maker_order(filling, maker, order, price):
                continue
            _insert(found, (key, order, price), taker.direction)
    return found


def _opposes(order: Order, taker: Order) -> bool:
    return bool(
        order.status == OrderStatus.OPEN
        and order.direction != taker.direction
        and order.market_type == MarketKind.PERP
        and order.market_index == taker.market_index
        and order.is_limit
        and (not order.must_be_triggered or order.is_triggered)
    )


def _may_make(maker: Order, taker: Order, slot: int) -> bool:
    if slot == maker.slot and slot == taker.slot and not maker.is_jit_maker:
        return False
    if taker.post_only or not maker.rests(slot):
        return False
    if not taker.rests(slot) or maker.post_only:
        return True
    return bool(maker.slot + maker.auction_duration <= taker.slot + taker.auction_duration)


def _clean_maker_order(filling: Filling, maker: User, order: Order, price: int) -> bool:
    position = maker.position(order.market_index)
    step = filling.market.order_step_size
    if _breaches_bands(price, order.direction, filling.oracle, filling.market):
        explanation = Explanation.ORACLE_PRICE_BREACHED_LIMIT_PRICE
    elif order.is_expired(filling.frame.now):
        explanation = Explanation.ORDER_EXPIRED
    elif must_cancel_reduce_only(order, position.base_asset_amount, step):
        explanation = Explanation.REDUCE_ONLY_INCREASED_POSITION
    else:
        return False
    cancel_for_reward(filling, maker, order, explanation)
    return True


def _breaches_bands(price: int, direction: int, oracle: int, market: PerpMarket) -> bool:
    away = price - oracle if direction == Direction.LONG else oracle - price
    return away > 0 and away * MARGIN // oracle >= market.margin_ratio_initial


def _insert(found: list[MakerOrder], offer: MakerOrder, taker_direction: int) -> None:
    sign = 1 if taker_direction == Direction.LONG else -1
    at = next(
        (i for i, other in enumerate(found) if sign * other[2] >= sign * offer[2]), len(found)
    )
    found.insert(at, offer)


def crosses(maker_direction: int, maker_price: int, taker_price: int) -> bool:
    if maker_direction == Direction.LONG:
        return taker_price <= maker_price
    return taker_price >= maker_price
