"""What a fill, funding, a settlement or a transfer does to a paper account. Pure.

Each writes into the book and tells it as an event, so that the two sums of money safety hold
exactly: the running quote of a position is its fills, fees, funding and charges; what is settled
goes from there into the balance.
"""

from datetime import datetime
from decimal import Decimal

from core.money import ZERO, round_down, round_up
from trading.enums import EntryKind
from trading.paper.book import QUOTE_STEP, Book, Held, RestingOrder
from trading.position_math import Holding, apply_fill
from trading.venues.reports import EntryReport, FillReport, OrderEnded, OrderPlaced, OrderReplaced


def tell_placed(book: Book, order: RestingOrder) -> None:
    book.orders[order.number] = order
    book.events.append(OrderPlaced(event_index=book.next_index, order=order.state()))


def tell_replaced(book: Book, old: RestingOrder, order: RestingOrder) -> None:
    """Another stands where `old` stood; the end of that one is not told beside it."""
    del book.orders[old.number]
    book.orders[order.number] = order
    book.events.append(
        OrderReplaced(
            event_index=book.next_index, old_venue_order_id=str(old.number), order=order.state()
        )
    )


def end_order(book: Book, order: RestingOrder, *, why: str, expired: bool = False) -> None:
    """Take an order off the book; what was filled of it stays filled."""
    del book.orders[order.number]
    book.events.append(
        OrderEnded(
            event_index=book.next_index,
            venue_order_id=str(order.number),
            reason="expired" if expired else "cancelled",
            why=f"venue.{why}",
        )
    )


def fill(
    book: Book,
    *,
    market_index: int,
    buys: bool,
    size: Decimal,
    price: Decimal,
    fee_rate: Decimal,
    now: datetime,
    order: RestingOrder | None = None,
    is_maker: bool = False,
) -> None:
    """Trade; a position that this closes is settled at once. A filled order leaves the book."""
    quote = round_down(size * price, QUOTE_STEP)
    fee = round_up(quote * fee_rate, QUOTE_STEP)
    book.events.append(
        FillReport(
            event_index=book.next_index,
            venue_fill_id=f"{book.step}.{book.next_index}",
            market_index=market_index,
            venue_order_id="" if order is None else str(order.number),
            direction="buy" if buys else "sell",
            is_maker=is_maker,
            size=size,
            quote=quote,
            fee=fee,
            occurred_at=now,
        )
    )
    _carry(book, market_index, buys, size, quote, fee, now)
    if order is not None:
        order.filled += size
        if not order.remaining:
            del book.orders[order.number]
    held = book.positions[market_index]
    if not held.base:
        settle(book, held, now)


def _carry(
    book: Book,
    market_index: int,
    buys: bool,
    size: Decimal,
    quote: Decimal,
    fee: Decimal,
    now: datetime,
) -> None:
    held = book.positions.setdefault(market_index, Held(market_index, ZERO, ZERO, ZERO, now))
    applied = apply_fill(
        Holding(held.base, held.entry_quote),
        direction="buy" if buys else "sell",
        size=size,
        quote=quote,
        quote_step=QUOTE_STEP,
    )
    after = applied.opened or applied.closed
    held.base, held.entry_quote = after.size, after.entry_quote
    held.quote += (-quote if buys else quote) - fee


def settle(book: Book, held: Held, now: datetime) -> None:
    """Turn a closed position's money into balance; who has nothing left owes nothing."""
    left = book.balance + held.quote
    if left < 0 and len(book.positions) == 1:
        charge(book, held, EntryKind.LIQUIDATION, -left, now)
    tell_entry(book, EntryKind.SETTLEMENT, held.quote, now, market_index=held.market_index)
    book.balance += held.quote
    del book.positions[held.market_index]


def charge(book: Book, held: Held, kind: EntryKind, amount: Decimal, now: datetime) -> None:
    """Money that falls on a position; `amount` is signed for its owner."""
    tell_entry(book, kind, amount, now, market_index=held.market_index)
    held.quote += amount


def transfer(book: Book, amount: Decimal, now: datetime) -> None:
    """Give or take play money."""
    tell_entry(book, EntryKind.DEPOSIT if amount > 0 else EntryKind.WITHDRAWAL, amount, now)
    book.balance += amount
    if amount > 0:
        book.deposited += amount
    else:
        book.withdrawn -= amount


def tell_entry(
    book: Book, kind: EntryKind, amount: Decimal, now: datetime, *, market_index: int | None = None
) -> None:
    book.events.append(
        EntryReport(
            event_index=book.next_index,
            kind=str(kind),
            token_symbol=PLAY_MONEY,
            amount=amount,
            occurred_at=now,
            market_index=market_index,
            venue_record_id=f"{book.step}.{book.next_index}",
        )
    )


PLAY_MONEY = "pUSD"
