"""What an order must be to be accepted."""

from __future__ import annotations

from sandbox.perps.amm import base_up_to_limit
from sandbox.perps.auctions import forced_limit_price
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.model import Order, PerpMarket
from sandbox.perps.terms import Direction, OrderType, Trigger


def validate_order(order: Order, market: PerpMarket, *, oracle: int, slot: int) -> None:
    """Refuse an order whose parts contradict each other or the market."""
    _validate_size(order, market)
    if order.order_type == OrderType.MARKET:
        _validate_market(order)
    elif order.order_type == OrderType.LIMIT:
        _validate_limit(order, market, oracle=oracle, slot=slot)
    elif order.order_type == OrderType.ORACLE:
        _validate_oracle(order)
    else:
        _validate_trigger(order)


def _validate_size(order: Order, market: PerpMarket) -> None:
    size = order.base_asset_amount
    require(size != 0, Error.INVALID_SIZE_TOO_SMALL)
    require(size % market.order_step_size == 0, Error.NOT_STEP_SIZE_MULTIPLE)
    large = order.reduce_only or size >= market.min_order_size
    require(large, Error.INVALID_MIN_ORDER_SIZE)


def _validate_taker_flags(order: Order) -> None:
    require(order.trigger_price == 0, Error.INVALID_ORDER_TRIGGER)
    require(not order.post_only, Error.INVALID_ORDER_POST_ONLY)


def _validate_market(order: Order) -> None:
    priced = order.auction_start_price > 0 and order.auction_end_price > 0
    require(priced, Error.INVALID_ORDER_AUCTION)
    _validate_auction(order)
    _validate_taker_flags(order)
    require(order.oracle_price_offset == 0, Error.INVALID_ORDER_ORACLE_OFFSET)
    require(not order.immediate_or_cancel, Error.INVALID_ORDER_IOC)


def _validate_oracle(order: Order) -> None:
    start, end, offset = (
        order.auction_start_price,
        order.auction_end_price,
        order.oracle_price_offset,
    )
    if order.direction == Direction.LONG:
        ordered = start <= end and (offset == 0 or end <= offset)
    else:
        ordered = start >= end and (offset == 0 or end >= offset)
    require(ordered, Error.INVALID_ORDER_AUCTION)
    _validate_taker_flags(order)
    require(order.price == 0, Error.INVALID_LIMIT_PRICE)
    require(not order.immediate_or_cancel, Error.INVALID_ORDER_IOC)


def _validate_limit(order: Order, market: PerpMarket, *, oracle: int, slot: int) -> None:
    # Exactly one of price and offset.
    require((order.price == 0) != (order.oracle_price_offset == 0), Error.INVALID_LIMIT_PRICE)
    require(order.trigger_price == 0, Error.INVALID_ORDER_TRIGGER)
    if order.post_only:
        require(not order.has_auction, Error.INVALID_ORDER)
        _validate_post_only(order, market, oracle=oracle, slot=slot)
    if order.has_auction:
        require(order.oracle_price_offset == 0, Error.INVALID_ORDER)
        _validate_auction(order)
    else:
        require(order.auction_start_price == 0, Error.INVALID_ORDER)
        require(order.auction_end_price == 0, Error.INVALID_ORDER)


def _validate_post_only(order: Order, market: PerpMarket, *, oracle: int, slot: int) -> None:
    if order.is_jit_maker:
        return
    limit = forced_limit_price(order, slot=slot, tick=market.order_tick_size, oracle=oracle)
    if base_up_to_limit(order, market, limit, None) == 0:
        return
    # Crossing the curve is let pass where the oracle says that the curve is what is off.
    inside = oracle > limit if order.direction == Direction.LONG else oracle < limit
    require(inside, Error.PLACE_POST_ONLY_FAILURE)


def _validate_auction(order: Order) -> None:
    start, end, price = order.auction_start_price, order.auction_end_price, order.price
    require(start != 0 and end != 0, Error.INVALID_ORDER_AUCTION)
    if order.direction == Direction.LONG:
        ordered = start <= end and (price == 0 or price >= end)
    else:
        ordered = start >= end and (price == 0 or price <= end)
    require(ordered, Error.INVALID_ORDER_AUCTION)


def _validate_trigger(order: Order) -> None:
    waiting = order.trigger_condition in (Trigger.ABOVE, Trigger.BELOW)
    require(waiting, Error.INVALID_TRIGGER_CONDITION)
    limited = order.order_type == OrderType.TRIGGER_LIMIT
    require((order.price != 0) == limited, Error.INVALID_LIMIT_PRICE)
    require(order.trigger_price != 0, Error.INVALID_ORDER_TRIGGER)
    require(not order.post_only, Error.INVALID_ORDER_POST_ONLY)
    require(order.oracle_price_offset == 0, Error.INVALID_ORDER_ORACLE_OFFSET)


def validate_forced_reduction(order: Order, position: int) -> None:
    """In a reduce-only market an order must reduce a position that exists."""
    against = Direction.SHORT if position > 0 else Direction.LONG
    if not order.reduce_only or position == 0 or order.direction != against:
        raise Refused(Error.NOT_RISK_REDUCING)


def increases_risk(order: Order, base: int, bids: int, asks: int) -> bool:
    """Whether the order, with those resting, could enlarge the position."""
    if order.reduce_only:
        return False
    if order.direction == Direction.LONG:
        return base >= 0 or bids + order.base_asset_amount > abs(base)
    return base <= 0 or abs(asks - order.base_asset_amount) > base


def reduces_position(direction: int, size: int, base: int) -> bool:
    """Whether an order of this size only takes from the position."""
    against = base < 0 if direction == Direction.LONG else base > 0
    return against and size <= abs(base)


def must_cancel_reduce_only(order: Order, base: int, step: int) -> bool:
    """Whether a reduce-only order has nothing left to reduce."""
    return bool(order.status == 1 and order.reduce_only and order.unfilled(base) < step)
