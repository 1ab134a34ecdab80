"""One step of a paper account at one set of prices. Pure: same book, prices, time: same step.

In this order: what has expired, funding, liquidation, then each order by its number.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from core.money import round_down
from trading.enums import EntryKind
from trading.paper import ledger, margin, pricing
from trading.paper.book import QUOTE_STEP, Book, Held, Mark, RestingOrder, Terms

_HOUR_SECONDS = 3600
Marks = Mapping[int, Mark]
AllTerms = Mapping[int, Terms]


def run_step(book: Book, *, marks: Marks, terms: AllTerms, now: datetime) -> None:
    """Carry the account on. `marks` holds fresh prices alone: a market without one stands still."""
    _expire(book, now)
    _pay_funding(book, marks, now)
    prices = {index: mark.price for index, mark in marks.items()}
    if book.positions.keys() <= prices.keys() and margin.is_liquidated(book, prices, terms):
        _liquidate(book, prices, terms, now)
        return
    for order in list(book.orders.values()):
        mark = marks.get(order.market_index)
        if mark is not None and order.market_index in terms:
            _look(book, order, mark, prices, terms, now)


def hour_of(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp()) // _HOUR_SECONDS


def _expire(book: Book, now: datetime) -> None:
    for order in list(book.orders.values()):
        if order.expires_at is not None and order.expires_at <= now:
            ledger.end_order(book, order, why="order_expired", expired=True)


def _pay_funding(book: Book, marks: Marks, now: datetime) -> None:
    """Each full hour of the clock since the last one, at the price of this moment."""
    for index, held in book.positions.items():
        hours = hour_of(now) - hour_of(held.funded_at)
        if hours <= 0 or index not in marks:
            continue
        owed = held.base * marks[index].price * pricing.FUNDING_RATE * hours
        # Rounded away from the owner, whichever way it goes.
        amount = -round_down(owed, QUOTE_STEP)
        if amount < 0 and -amount < owed:
            amount -= QUOTE_STEP
        held.funded_at = now
        if amount:
            ledger.charge(book, held, EntryKind.FUNDING, amount, now)


def _liquidate(book: Book, prices: Mapping[int, Decimal], terms: AllTerms, now: datetime) -> None:
    """Every order is cancelled and every position closed, for a fee."""
    for order in list(book.orders.values()):
        ledger.end_order(book, order, why="liquidation")
    for index, held in sorted(book.positions.items()):
        close_position(book, held, price=prices[index], terms=terms[index], now=now, penalised=True)


def close_position(
    book: Book, held: Held, *, price: Decimal, terms: Terms, now: datetime, penalised: bool
) -> None:
    """Close all of a position without an order: by force, or because the account begins anew."""
    size, buys = abs(held.base), held.base < 0
    if penalised:
        penalty = round_down(size * price * pricing.LIQUIDATION_FEE, QUOTE_STEP)
        ledger.charge(book, held, EntryKind.LIQUIDATION, -penalty, now)
        price = pricing.taker_price(mark=price, buys=buys, size=size, tick=terms.tick)
    ledger.fill(
        book,
        market_index=held.market_index,
        buys=buys,
        size=size,
        price=price,
        fee_rate=Decimal(0),
        now=now,
    )


def _look(
    book: Book,
    order: RestingOrder,
    mark: Mark,
    prices: Mapping[int, Decimal],
    terms: AllTerms,
    now: datetime,
) -> None:
    if order.priced_at is not None and mark.observed_at <= order.priced_at:
        return  # what stood behind this price it has had
    if order.waits_for_trigger:
        if not is_triggered(order, mark.price):
            return
        order.triggered = True
    takes = order.always_takes or not order.seen
    market = terms[order.market_index]
    limit = order.limit_at(mark.price)
    crosses = pricing.within(
        pricing.best_price(mark=mark.price, buys=order.buys, tick=market.tick),
        limit,
        buys=order.buys,
    )
    # It rests from the first price on that it does not cross; until then it takes.
    order.seen = order.seen or not crosses
    if crosses and takes and order.post_only:
        ledger.end_order(book, order, why="would_cross")
    elif crosses:
        _trade(book, order, mark, limit, prices, terms, now, takes=takes)
    if order.immediate_or_cancel and order.number in book.orders:
        ledger.end_order(book, order, why="nothing_to_take")


def is_triggered(order: RestingOrder, mark: Decimal) -> bool:
    """A stop goes off when the price has gone against its holder, a target when it went with."""
    assert order.trigger_price is not None
    rising = order.buys == order.order_type.startswith("stop")
    return mark >= order.trigger_price if rising else mark <= order.trigger_price


def _trade(
    book: Book,
    order: RestingOrder,
    mark: Mark,
    limit: Decimal | None,
    prices: Mapping[int, Decimal],
    terms: AllTerms,
    now: datetime,
    *,
    takes: bool,
) -> None:
    market = terms[order.market_index]
    held = book.positions.get(order.market_index)
    wanted = order.remaining
    if order.reduce_only:
        against = held is not None and (held.base < 0) == order.buys
        wanted = min(wanted, abs(held.base)) if held is not None and against else Decimal(0)
        if not wanted:
            ledger.end_order(book, order, why="reduce_only_order_increased_position")
            return
    elif not market.is_open:
        return
    if takes:
        size, price = pricing.taken(
            mark=mark.price, buys=order.buys, size=wanted, limit=limit, tick=market.tick,
            step=market.step,
        )  # fmt: skip
    else:
        assert limit is not None
        size = min(wanted, pricing.depth_in_base(mark=mark.price, step=market.step))
        price = limit
    if not size:
        return
    fee_rate = pricing.TAKER_FEE if takes else pricing.MAKER_FEE
    if not order.reduce_only and not _can_afford(
        book, order, size, price, fee_rate, prices, terms, now
    ):
        return
    order.priced_at = mark.observed_at
    ledger.fill(
        book,
        market_index=order.market_index,
        buys=order.buys,
        size=size,
        price=price,
        fee_rate=fee_rate,
        now=now,
        order=order,
        is_maker=not takes,
    )
    nothing_left = order.market_index not in book.positions
    if order.reduce_only and nothing_left and order.number in book.orders:
        ledger.end_order(book, order, why="reduce_only_order_increased_position")


def _can_afford(
    book: Book,
    order: RestingOrder,
    size: Decimal,
    price: Decimal,
    fee_rate: Decimal,
    prices: Mapping[int, Decimal],
    terms: AllTerms,
    now: datetime,
) -> bool:
    """Whether the initial margin holds after the fill, or the fill only reduces.

    Without the price of something that is held, nobody can tell: the order waits.
    """
    index = order.market_index
    before = book.positions.get(index)
    after = replace(
        book,
        events=[],
        orders={},
        positions={key: replace(held) for key, held in book.positions.items()},
    )
    ledger.fill(after, market_index=index, buys=order.buys, size=size, price=price,
                fee_rate=fee_rate, now=now)  # fmt: skip
    then = after.positions.get(index)
    if then is None:
        return True
    same_side = before is not None and (before.base > 0) == (then.base > 0)
    if before is not None and same_side and abs(then.base) <= abs(before.base):
        return True
    if not after.positions.keys() <= prices.keys():
        return False
    if margin.equity(after, prices) < margin.initial(after, prices, terms):
        ledger.end_order(book, order, why="insufficient_collateral")
        return False
    return True
