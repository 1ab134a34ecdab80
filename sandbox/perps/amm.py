"""The virtual market maker: a constant-product curve about a peg, quoted with a spread."""

from __future__ import annotations

from math import isqrt

from sandbox.perps.averages import update_oracle_averages
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.frame import Frame
from sandbox.perps.model import Order, PerpMarket
from sandbox.perps.oracles import (
    GOOD_FOR_AMM_FILL,
    GOOD_FOR_TWAP,
    Validity,
    judge,
)
from sandbox.perps.terms import (
    BASE,
    PERCENT,
    PRICE,
    QUOTE,
    Direction,
    Tier,
    quotient,
)

PEG = 10**6


def reserve_price(market: PerpMarket) -> int:
    """The price in the middle of the curve."""
    numerator = market.quote_asset_reserve * market.peg_multiplier * (PRICE // PEG)
    return int(numerator // market.base_asset_reserve)


def quoted_price(market: PerpMarket, middle: int, direction: int) -> int:
    """What the curve asks from a buyer or bids to a seller, for the smallest size."""
    if direction == Direction.LONG:
        return int(middle * (PERCENT + market.long_spread) // PERCENT)
    return int(middle * (PERCENT - market.short_spread) // PERCENT)


def quotes(market: PerpMarket) -> tuple[int, int]:
    """The curve's bid and ask."""
    middle = reserve_price(market)
    return (
        quoted_price(market, middle, Direction.SHORT),
        quoted_price(market, middle, Direction.LONG),
    )


def _spread_reserves(market: PerpMarket, direction: int) -> tuple[int, int]:
    spread = market.long_spread if direction == Direction.LONG else -market.short_spread
    spread += market.reference_price_offset
    quote = int(market.quote_asset_reserve)
    if abs(spread) > 1:
        quote += quotient(quote, quotient(PERCENT, quotient(spread, 2)))
    return market.sqrt_k**2 // quote, quote


def update_spread_reserves(market: PerpMarket) -> None:
    """Set the curve as buyers and as sellers see it."""
    base, quote = market.base_asset_reserve, market.quote_asset_reserve
    ask_base, ask_quote = _spread_reserves(market, Direction.LONG)
    bid_base, bid_quote = _spread_reserves(market, Direction.SHORT)
    market.ask_base_asset_reserve = min(ask_base, base)
    market.bid_base_asset_reserve = max(bid_base, base)
    market.ask_quote_asset_reserve = max(ask_quote, quote)
    market.bid_quote_asset_reserve = min(bid_quote, quote)


def _traded_reserves(market: PerpMarket, direction: int) -> tuple[int, int]:
    if direction == Direction.LONG:
        return market.ask_base_asset_reserve, market.ask_quote_asset_reserve
    return market.bid_base_asset_reserve, market.bid_quote_asset_reserve


def _moved(base_reserve: int, base: int, direction: int, sqrt_k: int) -> tuple[int, int]:
    if direction == Direction.LONG:
        require(base <= base_reserve, Error.TRADE_SIZE_TOO_LARGE)
        base_reserve -= base
    else:
        base_reserve += base
    return base_reserve, sqrt_k**2 // base_reserve


def _quote_of(reserve: int, peg: int) -> int:
    return reserve * peg // (BASE * PEG // QUOTE)


def swap(market: PerpMarket, base: int, direction: int) -> tuple[int, int]:
    """Trade against the curve; gives the quote amount and what of it is due to the spread."""
    base_reserve, quote_reserve = _traded_reserves(market, direction)
    _, moved_quote = _moved(base_reserve, base, direction, market.sqrt_k)
    long = direction == Direction.LONG
    # A buyer pays one unit more on both scales.
    change = moved_quote - quote_reserve + 1 if long else quote_reserve - moved_quote
    if change < 0:
        raise Refused(Error.MATH)
    amount = _quote_of(change, market.peg_multiplier) + (1 if long else 0)
    new_base, new_quote = _moved(market.base_asset_reserve, base, direction, market.sqrt_k)
    without = _quote_of(abs(new_quote - market.quote_asset_reserve), market.peg_multiplier)
    surplus = abs(without + (1 if long else 0) - amount)
    market.base_asset_reserve = new_base
    market.quote_asset_reserve = new_quote
    return amount, surplus


def base_to_price(market: PerpMarket, limit: int, direction: int) -> tuple[int, Direction]:
    """How much base moves the quoted price to `limit`, and in which direction."""
    require(limit > 0, Error.INVALID_LIMIT_PRICE)
    squared = market.sqrt_k**2 * PRICE // limit * market.peg_multiplier // PEG
    target = isqrt(squared)
    before = market.base_asset_reserve
    if market.base_spread > 0:
        before = _traded_reserves(market, direction)[0]
    if target > before:
        return min(target - before, 2**64 - 1), Direction.SHORT
    return min(before - target, 2**64 - 1), Direction.LONG


def base_up_to_limit(
    order: Order, market: PerpMarket, limit: int | None, position: int | None
) -> int:
    """How much of the order the curve fills without passing its limit, in whole steps."""
    left = order.unfilled(position)
    most, direction = left, Direction(order.direction)
    if limit is not None:
        tick = market.order_tick_size
        limit = limit - tick if order.direction == Direction.LONG else limit + tick
        most, direction = base_to_price(market, limit, order.direction)
    if direction != order.direction or most == 0:
        return 0
    amount = min(left, most)
    return int(amount - amount % market.order_step_size)


def available_liquidity(market: PerpMarket, direction: int) -> int:
    """The most base that one fill may take."""
    most = market.base_asset_reserve // market.max_fill_reserve_fraction
    if direction == Direction.LONG:
        side = max(market.base_asset_reserve - market.min_base_asset_reserve, 0) // 2
    else:
        side = max(market.max_base_asset_reserve - market.base_asset_reserve, 0) // 2
    amount = min(most, side, 2**64 - 1)
    return int(amount - amount % market.order_step_size)


def fallback_price(
    market: PerpMarket, direction: int, liquidity: int, oracle: int, seconds_left: int
) -> int:
    """The price at which a taker without a limit meets a maker."""
    long = direction == Direction.LONG
    if liquidity >= market.min_order_size:
        quoted = quoted_price(market, reserve_price(market), direction)
        margin = quoted // min(max(seconds_left * 20, 100), 200)
        return quoted + margin if long else quoted - margin
    average = market.historical_oracle_data.last_oracle_price_twap
    margin = oracle // min(max(seconds_left * 2, 10), 50)
    if long:
        return int(oracle + max(market.last_ask_price_twap - average, 0) + margin)
    return int(max(oracle + min(market.last_bid_price_twap - average, 0) - margin, 0))


def update_amm(frame: Frame, market: PerpMarket) -> None:
    """Bring the curve's averages and spread to this slot, as every fill does first."""
    statuses = market.statuses
    if market.status in (statuses.settlement, statuses.delisted):
        return
    oracle = frame.oracles.price(market.oracle)
    average = market.historical_oracle_data.last_oracle_price_twap
    rails = frame.state.oracle_guard_rails.validity
    validity = judge(oracle, average, rails, market.confidence_multiplier)
    if market.curve_update_intensity > 0 and validity in GOOD_FOR_TWAP:
        follow_oracle(market, oracle.price)
    if validity in GOOD_FOR_TWAP:
        update_oracle_averages(market, oracle, frame.now, middle=reserve_price(market))
    _note_update(market, validity, frame.slot)
    if market.curve_update_intensity == 0:
        market.long_spread = market.short_spread = market.base_spread // 2
    market.reference_price_offset = 0
    update_spread_reserves(market)


def _note_update(market: PerpMarket, validity: Validity, slot: int) -> None:
    market.last_oracle_valid = validity in GOOD_FOR_AMM_FILL
    if market.last_oracle_valid:
        market.last_update_slot = slot


def follow_oracle(market: PerpMarket, oracle: int) -> None:
    # The compiled programs move peg and depth within a budget; here the peg simply follows.
    peg = oracle * market.base_asset_reserve // market.quote_asset_reserve
    market.peg_multiplier = max(peg, 1)


def has_too_much_drawdown(market: PerpMarket) -> bool:
    """Whether the curve lost too much since the last funding to fill anything."""
    safe = market.contract_tier in (Tier.A, Tier.B)
    if market.net_revenue_since_last_funding > -25 * QUOTE * (400 if safe else 200):
        return False
    lost = quotient(
        market.net_revenue_since_last_funding * PERCENT,
        max(market.total_fee_minus_distributions, 1),
    )
    divisor = {Tier.A: 50, Tier.B: 33, Tier.C: 25}.get(market.contract_tier, 20)
    return lost <= -(PERCENT // divisor)
