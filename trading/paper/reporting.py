"""A paper account as the venue reports it, and an order's numbers on it. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from core.money import ZERO, round_down, round_to, round_up
from trading.enums import Side
from trading.paper import ledger, margin, pricing
from trading.paper.book import QUOTE_STEP, Book, Held, Terms
from trading.paper.prices import Quoted
from trading.venues.base import OrderRequest, VenueCapability
from trading.venues.reports import AccountReport, PositionState, Quote

Prices = Mapping[int, Decimal]
AllTerms = Mapping[int, Terms]


def absent_report(address: str, now: datetime) -> AccountReport:
    return AccountReport(
        address=address, slot=0, observed_at=now, exists=False, status="absent", bytes_hash="",
        counters={}, tokens={}, collateral=ZERO, free_collateral=ZERO, health=Decimal(100),
        leverage=ZERO, positions=(), orders=(),
    )  # fmt: skip


def account_report(
    book: Book, *, address: str, prices: Prices, terms: AllTerms, now: datetime
) -> AccountReport:
    return AccountReport(
        address=address,
        slot=book.sequence,
        observed_at=now,
        exists=True,
        status="active",
        bytes_hash="",
        counters={
            "next_order_id": str(book.next_number),
            "total_deposits": f"{book.deposited.normalize():f}",
            "total_withdraws": f"{book.withdrawn.normalize():f}",
        },
        tokens={ledger.PLAY_MONEY: book.balance},
        collateral=_money(margin.equity(book, prices)),
        free_collateral=margin.free_collateral(book, prices, terms),
        health=margin.health(book, prices, terms),
        leverage=margin.leverage(book, prices),
        positions=tuple(
            _position(book, held, prices, terms) for held in book.positions.values() if held.base
        ),
        orders=tuple(order.state() for order in book.orders.values()),
    )


def _position(book: Book, held: Held, prices: Prices, terms: AllTerms) -> PositionState:
    mark = prices[held.market_index]
    size = abs(held.base)
    is_long = held.base > 0
    value = size * mark
    gain = value - held.entry_quote if is_long else held.entry_quote - value
    return PositionState(
        market_index=held.market_index,
        side=Side.LONG if is_long else Side.SHORT,
        size=size,
        entry_price=(held.entry_quote / size).quantize(QUOTE_STEP, rounding=ROUND_DOWN),
        quote_asset_amount=held.quote,
        mark_price=mark,
        unrealized_pnl=_money(gain),
        unsettled_funding=ZERO,
        margin=_money(value * terms[held.market_index].initial_ratio),
        leverage=margin.leverage(book, prices),
        liquidation_price=margin.liquidation_price(book, held.market_index, prices, terms),
    )


def quote_order(
    book: Book,
    request: OrderRequest,
    *,
    quoted: Mapping[int, Quoted],
    terms: AllTerms,
    slippage: Decimal,
    now: datetime,
) -> Quote:
    """The order as the book would take it now; `slippage` is in percent of the expected price.

    One that waits is told as it would fill: a limit at its price, a stop or target at its trigger.
    It holds its margin back at once, and one that triggers is asked for it again then.
    """
    index = request.market_index
    market, price = terms[index], quoted[index]
    prices = {key: one.price for key, one in quoted.items()}
    buys = request.direction == "buy"
    outlook = _outlook(request, price.price, slippage, market)
    expected, worst = outlook.expected, outlook.worst
    fee_rate = pricing.MAKER_FEE if request.post_only else pricing.TAKER_FEE
    held = book.positions.get(index)
    filled = _filled(held, request)
    after = replace(
        book, events=[], positions={key: replace(one) for key, one in book.positions.items()}
    )
    fee = notional = ZERO
    if filled:
        ledger.fill(after, market_index=index, buys=buys, size=filled, price=expected,
                    fee_rate=fee_rate, now=now)  # fmt: skip
        notional = round_down(filled * expected, QUOTE_STEP)
        fee = round_up(notional * fee_rate, QUOTE_STEP)
    change = margin.initial(after, prices, terms) - margin.initial(book, prices, terms)
    bound = max(ZERO, change)
    if outlook.waits:
        held_back = ZERO
        if not request.reduce_only:
            held_back = request.size * price.price * market.initial_ratio
        bound = held_back + (bound if request.trigger_price is not None else ZERO)
    return Quote(
        oracle_price=price.price,
        oracle_slot=price.slot,
        price_age_seconds=price.age_seconds(now),
        expected_price=expected,
        worst_price=worst,
        size=request.size,
        notional=notional,
        fee=fee,
        initial_margin=_money(bound),
        free_collateral=margin.free_collateral(book, prices, terms),
        collateral=_money(margin.equity(book, prices)),
        leverage_after=margin.leverage(after, prices),
        health_before=margin.health(book, prices, terms),
        health_after=margin.health(after, prices, terms),
        liquidation_price=margin.liquidation_price(after, index, prices, terms),
        open_orders=len(book.orders),
        open_positions=len(book.positions),
        position_side=None if held is None else (Side.LONG if held.base > 0 else Side.SHORT),
        position_size=ZERO if held is None else abs(held.base),
    )


class _Outlook(NamedTuple):
    """What the order will cost at best guess and at worst, and whether it waits for it."""

    expected: Decimal
    worst: Decimal
    waits: bool


def _outlook(request: OrderRequest, mark: Decimal, slippage: Decimal, market: Terms) -> _Outlook:
    buys = request.direction == "buy"
    taken = pricing.taker_price(mark=mark, buys=buys, size=request.size, tick=market.tick)
    if request.order_type == VenueCapability.MARKET:
        return _Outlook(taken, _worst(taken, slippage, market, buys=buys), waits=False)
    if request.trigger_price is not None:
        expected = request.trigger_price
        worst = request.price or _worst(expected, slippage, market, buys=buys)
        return _Outlook(expected, worst, waits=True)
    limit = request.price if request.oracle_offset is None else mark + request.oracle_offset
    assert limit is not None
    crosses = pricing.within(
        pricing.best_price(mark=mark, buys=buys, tick=market.tick), limit, buys=buys
    )
    if request.immediate_or_cancel or (crosses and not request.post_only):
        return _Outlook(taken, limit, waits=False)
    return _Outlook(limit, limit, waits=True)


def _worst(expected: Decimal, slippage: Decimal, market: Terms, *, buys: bool) -> Decimal:
    """On the tick, and never further off than the slippage that was named."""
    share = slippage / 100
    if buys:
        return round_to(expected * (1 + share), market.tick, "ROUND_FLOOR")
    return max(market.tick, round_to(expected * (1 - share), market.tick, "ROUND_CEILING"))


def _filled(held: Held | None, request: OrderRequest) -> Decimal:
    """A reduce-only order fills the position that is there, no more."""
    if not request.reduce_only:
        return request.size
    against = held is not None and (held.base < 0) == (request.direction == "buy")
    return min(request.size, abs(held.base)) if held is not None and against else ZERO


def _money(value: Decimal) -> Decimal:
    return value.quantize(QUOTE_STEP)
