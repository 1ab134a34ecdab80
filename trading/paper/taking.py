"""Taking orders, changes and cancels into a paper book: what is refused, and what is told. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.errors import Refused
from trading.paper import ledger
from trading.paper.book import Book, RestingOrder, Terms
from trading.venues.base import ModifyRequest, OrderRequest, VenueCapability
from trading.venues.terms import check_terms

MAX_ORDERS = 32
CAPABILITIES = frozenset(
    set(VenueCapability)
    - {VenueCapability.DEPOSIT, VenueCapability.WITHDRAW, VenueCapability.SETTLE}
)
_CHANGED = ("size", "price", "trigger_price", "oracle_offset", "expires_at")


def take_orders(
    book: Book, requests: Sequence[OrderRequest], terms: Mapping[int, Terms], now: datetime
) -> list[str]:
    """Put all of them into the book, or raise Refused; their ids."""
    if len(book.orders) + len(requests) > MAX_ORDERS:
        raise Refused("risk.too_many_orders", maximum=MAX_ORDERS)
    for request in requests:
        _check(request, terms, now)
    taken = [_order(request, book.next_number + place) for place, request in enumerate(requests)]
    book.next_number += len(taken)
    for order in taken:
        ledger.tell_placed(book, order)
    return [str(order.number) for order in taken]


def take_modify(book: Book, request: ModifyRequest, terms: Mapping[int, Terms]) -> list[str]:
    """Put a changed order in the place of a resting one: a new id, for what remains to be filled.

    Raises Refused.
    """
    order = _resting(book, request.venue_order_id)
    if order is None or order.market_index != request.market_index:
        raise Refused("venue.order_gone", order=request.venue_order_id)
    _check_change(request, order)
    market = terms[order.market_index]
    if request.size is not None:
        _check_size(request.size, market)
    for price in (request.price, request.trigger_price):
        if price is not None:
            _check_price(price, market)
    told = {name: getattr(request, name) for name in _CHANGED if name != "size"}
    changed = replace(
        order,
        number=book.next_number,
        size=request.size or order.remaining,
        filled=Decimal(0),
        # It comes to the book anew: at a price that now crosses, it takes.
        seen=False,
        priced_at=None,
        **{name: value for name, value in told.items() if value is not None},
    )
    book.next_number += 1
    ledger.tell_replaced(book, order, changed)
    return [str(changed.number)]


def take_cancel(book: Book, venue_order_ids: Sequence[str]) -> list[str]:
    """Take them off the book; one that is gone already is left out."""
    ended = []
    for venue_order_id in dict.fromkeys(venue_order_ids):
        order = _resting(book, venue_order_id)
        if order is not None:
            ledger.end_order(book, order, why="cancelled_by_owner")
            ended.append(venue_order_id)
    return ended


def _resting(book: Book, venue_order_id: str) -> RestingOrder | None:
    known = venue_order_id.isascii() and venue_order_id.isdigit()
    return book.orders.get(int(venue_order_id)) if known else None


def _check(request: OrderRequest, terms: Mapping[int, Terms], now: datetime) -> None:
    market = terms.get(request.market_index)
    if market is None or not (market.is_open or request.reduce_only):
        raise Refused("paper.market_closed")
    # A taker needs no worst price here.
    is_free = request.order_type == VenueCapability.MARKET and request.price is None
    check_terms(replace(request, price=Decimal(1)) if is_free else request, takes_offsets=True)
    _check_size(request.size, market, reduce_only=request.reduce_only)
    for price in (request.price, request.trigger_price):
        if price is not None:
            _check_price(price, market)
    if request.expires_at is not None and request.expires_at <= now:
        raise Refused("paper.expired_already")


def _check_change(request: ModifyRequest, order: RestingOrder) -> None:
    if all(getattr(request, name) is None for name in _CHANGED):
        raise Refused("order.nothing_to_change")
    if order.order_type == VenueCapability.MARKET or order.triggered:
        raise Refused("order.cannot_be_changed")
    if request.size is not None and request.size <= 0:
        raise Refused("order.cannot_be_changed")
    if request.trigger_price is not None and order.trigger_price is None:
        raise Refused("order.trigger_does_not_fit", type=order.order_type)
    if request.price is not None and order.price is None:
        raise Refused("order.price_does_not_fit", type=order.order_type)
    if request.oracle_offset is not None and order.oracle_offset is None:
        raise Refused("order.oracle_offset_not_supported", type=order.order_type)


def _check_size(size: Decimal, market: Terms, *, reduce_only: bool = False) -> None:
    if not (size.is_finite() and size > 0) or size % market.step:
        raise Refused("paper.size_off_step", step=market.step)
    if size < market.minimum and not reduce_only:
        raise Refused("paper.size_too_small", minimum=market.minimum)


def _check_price(price: Decimal, market: Terms) -> None:
    if not (price.is_finite() and price > 0) or price % market.tick:
        raise Refused("paper.price_off_tick", tick=market.tick)


def _order(request: OrderRequest, number: int) -> RestingOrder:
    return RestingOrder(
        number=number,
        label=request.label,
        market_index=request.market_index,
        order_type=request.order_type,
        direction=request.direction,
        size=request.size,
        price=request.price,
        trigger_price=request.trigger_price,
        oracle_offset=request.oracle_offset,
        reduce_only=request.reduce_only,
        post_only=request.post_only,
        immediate_or_cancel=request.immediate_or_cancel,
        expires_at=request.expires_at,
    )
