"""At what price, and how much of an order, the simulated market takes. Pure.

A price stands for a book: half a spread on either side of the mark, `DEPTH` of notional behind
it, through which the average price goes off linearly to `IMPACT`. Prices are rounded to the tick
against the taker.
"""

from decimal import Decimal

from core.money import ZERO, round_down, round_up

HALF_SPREAD = Decimal("0.0002")
# How far off the average price of an order is that takes all of the depth.
IMPACT = Decimal("0.001")
DEPTH = Decimal(250_000)
TAKER_FEE = Decimal("0.0005")
MAKER_FEE = Decimal("0.0001")
LIQUIDATION_FEE = Decimal("0.01")
# What a long pays a short each hour, of the notional.
FUNDING_RATE = Decimal("0.0000125")


def best_price(*, mark: Decimal, buys: bool, tick: Decimal) -> Decimal:
    """The price of the smallest order."""
    return taker_price(mark=mark, buys=buys, size=ZERO, tick=tick)


def taker_price(*, mark: Decimal, buys: bool, size: Decimal, tick: Decimal) -> Decimal:
    """The average price of a taker's size; beyond the depth it gets no worse."""
    off = HALF_SPREAD + IMPACT * min(Decimal(1), size * mark / DEPTH)
    if buys:
        return round_up(mark * (1 + off), tick)
    return max(tick, round_down(mark * (1 - off), tick))


def within(price: Decimal, limit: Decimal | None, *, buys: bool) -> bool:
    """Whether the price is no worse than the limit."""
    return limit is None or (price <= limit if buys else price >= limit)


def depth_in_base(*, mark: Decimal, step: Decimal) -> Decimal:
    """The most that one order takes at one price; never nothing."""
    return max(step, round_down(DEPTH / mark, step))


def taken(
    *,
    mark: Decimal,
    buys: bool,
    size: Decimal,
    limit: Decimal | None,
    tick: Decimal,
    step: Decimal,
) -> tuple[Decimal, Decimal]:
    """(size, price) that a taker of `size` gets at this mark, within its limit; (0, 0) if none."""
    if not within(best_price(mark=mark, buys=buys, tick=tick), limit, buys=buys):
        return ZERO, ZERO
    most = min(size, depth_in_base(mark=mark, step=step))
    price = taker_price(mark=mark, buys=buys, size=most, tick=tick)
    if limit is None or within(price, limit, buys=buys):
        return most, price
    room = abs(limit / mark - 1) - HALF_SPREAD
    part = min(most, max(step, round_down(room / IMPACT * DEPTH / mark, step)))
    price = taker_price(mark=mark, buys=buys, size=part, tick=tick)
    # The last part of a tick: the limit itself is then the price.
    return part, price if within(price, limit, buys=buys) else limit
