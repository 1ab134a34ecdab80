"""Auctions: the prices between which an order's limit moves while its auction lasts."""

from __future__ import annotations

from typing import Any

from sandbox.perps.errors import Error, Refused
from sandbox.perps.model import Order
from sandbox.perps.terms import Direction, OrderType, quotient

DERIVED_FRACTION = 200


def standardize(price: int, tick: int, direction: int) -> int:
    """A price moved to a tick, in the order's favour."""
    if price == 0:
        return 0
    remainder = price % tick
    if remainder == 0:
        return price
    return price - remainder if direction == Direction.LONG else price + tick - remainder


def derive_prices(oracle: int, direction: int, limit: int) -> tuple[int, int]:
    """Start and end of an auction whose order named none."""
    margin = quotient(oracle, DERIVED_FRACTION)
    if direction == Direction.LONG:
        if limit == 0:
            return oracle, oracle + margin
        if limit < oracle:
            return min(limit - limit // DERIVED_FRACTION, oracle - margin), limit
        return oracle, min(limit, oracle + margin)
    if limit == 0:
        return oracle, oracle - margin
    if limit > oracle:
        return max(limit + limit // DERIVED_FRACTION, oracle + margin), limit
    return oracle, max(limit, oracle - margin)


def auction_of(params: Any, *, oracle: int, tick: int, least_duration: int) -> tuple[int, int, int]:
    """Start price, end price and duration that a new order gets."""
    kind, direction = params.order_type, params.direction
    start, end = params.auction_start_price, params.auction_end_price
    duration = params.auction_duration
    if kind == OrderType.LIMIT:
        if start is None or end is None or duration is None:
            return 0, 0, 0
        if duration:
            duration = max(duration, least_duration)
    elif kind in (OrderType.MARKET, OrderType.ORACLE):
        duration = max(duration or 0, least_duration)
        if start is None or end is None:
            if kind == OrderType.ORACLE:
                raise Refused(Error.INVALID_ORDER_AUCTION)
            start, end = derive_prices(oracle, direction, params.price)
    else:
        return 0, 0, 0
    return standardize(start, tick, direction), standardize(end, tick, direction), duration


def auction_price(order: Order, *, slot: int, tick: int, oracle: int | None) -> int:
    """The limit that the auction has come to at this slot."""
    start, end, duration = (
        order.auction_start_price,
        order.auction_end_price,
        order.auction_duration,
    )
    if slot < order.slot:
        raise Refused(Error.MATH)
    elapsed = min(slot - order.slot, duration)
    moved = end if duration == 0 else start + quotient((end - start) * elapsed, duration)
    if order.order_type == OrderType.ORACLE:
        if oracle is None:
            raise Refused(Error.ORACLE_NOT_FOUND)
        moved = max(oracle + moved, tick)
    return standardize(moved, tick, order.direction)


def limit_price(order: Order, *, slot: int, tick: int, oracle: int | None) -> int | None:
    """The worst price the order accepts now; None for a market order past its auction."""
    has_prices = order.auction_start_price != 0 or order.auction_end_price != 0
    if has_prices and not order.is_auction_complete(slot):
        return auction_price(order, slot=slot, tick=tick, oracle=oracle)
    if order.oracle_price_offset != 0:
        if oracle is None:
            raise Refused(Error.ORACLE_NOT_FOUND)
        return standardize(max(oracle + order.oracle_price_offset, tick), tick, order.direction)
    return int(order.price) or None


def forced_limit_price(order: Order, *, slot: int, tick: int, oracle: int | None) -> int:
    price = limit_price(order, slot=slot, tick=tick, oracle=oracle)
    if price is None:
        raise Refused(Error.UNABLE_TO_GET_LIMIT_PRICE)
    return price
