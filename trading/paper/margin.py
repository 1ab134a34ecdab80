"""Equity, margin, health, leverage and liquidation price of a paper account. Pure.

One collateral for all positions. Equity is the balance and the worth of every position at its
mark; a position's initial and maintenance margin are ratios of its notional; orders that would
increase something hold their initial margin back as well.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from core.money import ZERO
from trading.paper.book import QUOTE_STEP, Book, Held, RestingOrder, Terms

_CENT = Decimal("0.0001")
Marks = Mapping[int, Decimal]
AllTerms = Mapping[int, Terms]


def worth(held: Held, mark: Decimal) -> Decimal:
    """What closing at the mark would add to the balance, before fees."""
    return held.quote + held.base * mark


def equity(book: Book, marks: Marks) -> Decimal:
    return book.balance + sum(
        (worth(held, marks[index]) for index, held in book.positions.items()), ZERO
    )


def notional(book: Book, marks: Marks) -> Decimal:
    return sum((abs(held.base) * marks[i] for i, held in book.positions.items()), ZERO)


def maintenance(book: Book, marks: Marks, terms: AllTerms) -> Decimal:
    return sum(
        (
            abs(held.base) * marks[index] * terms[index].maintenance_ratio
            for index, held in book.positions.items()
        ),
        ZERO,
    )


def initial(book: Book, marks: Marks, terms: AllTerms) -> Decimal:
    """Of the positions alone."""
    return sum(
        (
            abs(held.base) * marks[index] * terms[index].initial_ratio
            for index, held in book.positions.items()
        ),
        ZERO,
    )


def held_back(book: Book, marks: Marks, terms: AllTerms) -> Decimal:
    """Initial margin of the resting orders that may still increase something."""
    return sum(
        (
            order.remaining * marks[order.market_index] * terms[order.market_index].initial_ratio
            for order in book.orders.values()
            if _increases(order) and order.market_index in marks
        ),
        ZERO,
    )


def free_collateral(book: Book, marks: Marks, terms: AllTerms) -> Decimal:
    free = equity(book, marks) - initial(book, marks, terms) - held_back(book, marks, terms)
    return max(ZERO, _rounded(free))


def health(book: Book, marks: Marks, terms: AllTerms) -> Decimal:
    """In percent: 100 without positions, 0 where liquidation begins."""
    needed = maintenance(book, marks, terms)
    if not needed:
        return Decimal(100)
    own = equity(book, marks)
    if own <= needed:
        return ZERO
    return ((1 - needed / own) * 100).quantize(_CENT, rounding=ROUND_HALF_EVEN)


def leverage(book: Book, marks: Marks) -> Decimal:
    """Notional over equity, in hundredths; without equity as much as the column holds."""
    whole = notional(book, marks)
    if not whole:
        return ZERO
    own = equity(book, marks)
    most = Decimal("999999.99")
    return most if own <= 0 else min(most, (whole / own).quantize(Decimal("0.01")))


def is_liquidated(book: Book, marks: Marks, terms: AllTerms) -> bool:
    return bool(book.positions) and equity(book, marks) < maintenance(book, marks, terms)


def liquidation_price(
    book: Book, market_index: int, marks: Marks, terms: AllTerms
) -> Decimal | None:
    """Where the account is liquidated if this market alone moves; None if it never is."""
    held = book.positions.get(market_index)
    if held is None or not held.base:
        return None
    ratio = terms[market_index].maintenance_ratio
    mark = marks[market_index]
    others = equity(book, marks) - held.base * mark
    others -= maintenance(book, marks, terms) - abs(held.base) * mark * ratio
    price = others / (abs(held.base) * ratio - held.base)
    return _rounded(price) if price > 0 else None


def _increases(order: RestingOrder) -> bool:
    return not order.reduce_only


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(QUOTE_STEP, rounding=ROUND_HALF_EVEN)
