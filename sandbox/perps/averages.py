"""Moving averages: of tokens, of oracle prices, and of where a market trades."""

from __future__ import annotations

from sandbox.perps.errors import Error, require
from sandbox.perps.model import PerpMarket
from sandbox.perps.oracles import OraclePrice
from sandbox.perps.terms import (
    FIVE_MINUTES,
    ONE_DAY,
    ONE_HOUR,
    PERCENT,
    QUOTE,
    Direction,
    quotient,
)

ONE_MINUTE = 60


def weighted_average(new: int, old: int, new_weight: int, old_weight: int) -> int:
    """The programs' average, nudged by one toward the newer value."""
    if new_weight == 0:
        return old
    if old_weight == 0:
        return new
    newer, older = new * new_weight, old * old_weight
    nudge = 0
    if old_weight > 1:
        nudge = (older > newer) - (older < newer)
    average = quotient(newer + older, new_weight + old_weight)
    return average if average == 0 and nudge < 0 else average + nudge


def moving_average(new: int, old: int, since_last: int, period: int) -> int:
    """An average over `period` seconds to which a value is added that held for `since_last`."""
    since_last = max(0, since_last)
    return weighted_average(new, old, since_last, max(1, period - since_last))


def rolling_sum(old: int, new: int, since_last: int, period: int) -> int:
    """A sum over a period, of which what is older fades."""
    return old * max(0, period - since_last) // period + new


def clamp_to(price: int, average: int, denominator: int) -> int:
    """A price held within a fraction of its average."""
    if average == 0 or denominator == 0:
        return price
    band = abs(quotient(average, denominator))
    return min(max(price, average - band), average + band)


def update_oracle_averages(
    market: PerpMarket, oracle: OraclePrice, now: int, *, middle: int
) -> int:
    """Move the oracle averages kept in a perp market; gives the slow one."""
    history = market.historical_oracle_data
    price = _normalised(oracle, middle)
    clamped = clamp_to(price, history.last_oracle_price_twap, market.clamp_denominator)
    if clamped <= 0 or price <= 0:
        return int(history.last_oracle_price_twap)
    slow, fast = history.last_oracle_price_twap, history.last_oracle_price_twap5min
    slow = _oracle_average(
        market, clamped, slow, market.last_mark_price_twap, market.funding_period, now
    )
    fast = _oracle_average(
        market, clamped, fast, market.last_mark_price_twap5min, FIVE_MINUTES, now
    )
    market.last_oracle_normalised_price = clamped
    history.last_oracle_price = oracle.price
    market.last_oracle_conf_pct = _confidence(market, oracle.confidence, middle, now)
    history.last_oracle_delay = oracle.delay
    market.last_oracle_reserve_price_spread_pct = quotient(
        (middle - oracle.price) * PERCENT, middle
    )
    history.last_oracle_price_twap5min = fast
    history.last_oracle_price_twap = slow
    since = max(1, now - history.last_oracle_price_twap_ts, ONE_HOUR)
    market.oracle_std = rolling_sum(market.oracle_std, abs(price - slow), since, ONE_HOUR)
    history.last_oracle_price_twap_ts = now
    return slow


def _normalised(oracle: OraclePrice, middle: int) -> int:
    """The oracle's price moved toward the curve, within its confidence and 2.5 bp of the curve."""
    close = middle // 4000
    if middle > oracle.price:
        return min(max(middle - close, oracle.price), oracle.price + oracle.confidence)
    return max(min(middle + close, oracle.price), oracle.price - oracle.confidence)


def _oracle_average(
    market: PerpMarket, price: int, old: int, mark_average: int, period: int, now: int
) -> int:
    last = market.historical_oracle_data.last_oracle_price_twap_ts
    since = max(1 if period == 0 else 0, now - last)
    if market.last_mark_price_twap_ts > last:
        missed = market.last_mark_price_twap_ts - last
        price = weighted_average(mark_average, price, missed, max(1, period - missed))
    return weighted_average(price, old, since, max(0, period - since))


def _confidence(market: PerpMarket, confidence: int, middle: int, now: int) -> int:
    """What part of the price its confidence is; it falls slowly."""
    since = max(now - market.historical_oracle_data.last_oracle_price_twap_ts, 0)
    before = market.last_oracle_conf_pct
    least = before - before // max(21 - since, 5) if since > 0 else before
    return int(max(confidence * PERCENT // middle, least))


def update_mark_averages(
    market: PerpMarket, now: int, *, price: int, direction: int | None, quotes: tuple[int, int]
) -> int:
    """Move the averages of bid, ask and middle after a trade; gives the middle's.

    `quotes` are the curve's bid and ask.
    """
    bid, ask = _estimated_quotes(market, price, direction, quotes)
    clamp = market.clamp_denominator
    capped_bid = clamp_to(bid, market.last_bid_price_twap, clamp)
    capped_ask = clamp_to(ask, market.last_ask_price_twap, clamp)
    require(capped_bid <= capped_ask, Error.INVALID_MARK_AVERAGE)
    last = market.last_mark_price_twap_ts
    old_bid, old_ask = _corrected(market)
    period, since = market.funding_period, now - last
    bid_average = moving_average(capped_bid, old_bid, since, period)
    ask_average = moving_average(capped_ask, old_ask, since, period)
    market.last_bid_price_twap, market.last_ask_price_twap = bid_average, ask_average
    middle = (bid_average + ask_average) // 2
    change = abs(price - market.last_mark_price_twap)
    market.mark_std = rolling_sum(market.mark_std, change, max(ONE_HOUR, since), ONE_HOUR)
    market.last_mark_price_twap = middle
    fast = market.last_mark_price_twap5min
    market.last_mark_price_twap5min = moving_average(
        (capped_bid + capped_ask) // 2, fast, since, FIVE_MINUTES
    )
    market.last_mark_price_twap_ts = now
    return middle


def _corrected(market: PerpMarket) -> tuple[int, int]:
    """The bid and ask averages, drawn to the oracle's where nothing traded for long."""
    bid, ask = int(market.last_bid_price_twap), int(market.last_ask_price_twap)
    history, period = market.historical_oracle_data, market.funding_period
    missed = history.last_oracle_price_twap_ts - market.last_mark_price_twap_ts
    if missed <= max(quotient(period, 60), ONE_MINUTE):
        return bid, ask
    left, oracle = max(0, period - missed), history.last_oracle_price_twap
    return (
        weighted_average(oracle, bid, missed, left),
        weighted_average(oracle, ask, missed, left),
    )


def _estimated_quotes(
    market: PerpMarket, price: int, direction: int | None, quotes: tuple[int, int]
) -> tuple[int, int]:
    oracle = int(market.historical_oracle_data.last_oracle_price)
    require(oracle > 0, Error.INVALID_ORACLE)
    premium = price - oracle
    bid, ask = quotes
    if direction is None:
        inside = min(max(price, bid), ask)
        return inside, inside
    best_bid = best_ask = price
    if premium > 0:
        best_bid = oracle - min(market.base_spread, market.short_spread // 2, premium)
    if premium < 0:
        best_ask = oracle + min(market.base_spread, market.long_spread // 2, -premium)
    best_bid, best_ask = max(best_bid, bid), min(best_ask, ask)
    if direction == Direction.LONG:
        return best_bid, max(price, best_bid)
    return min(price, best_ask), best_ask


def count_market_volume(market: PerpMarket, quote: int, direction: int, now: int) -> None:
    """Add a fill to the market's volume of a day, and to that of its side in an hour."""
    since = max(1, now - market.last_trade_ts)
    for side, name in ((Direction.LONG, "long"), (Direction.SHORT, "short")):
        amount = quote if direction == side else 0
        volume, count = f"{name}_intensity_volume", f"{name}_intensity_count"
        grown = rolling_sum(getattr(market, volume), amount, since, ONE_HOUR)
        setattr(market, volume, grown)
        # Later builds keep other things where the count was.
        if hasattr(type(market), count):
            before = getattr(market, count)
            setattr(market, count, weighted_average(before, amount // QUOTE, since, ONE_HOUR))
    market.volume24h = rolling_sum(market.volume24h, quote, since, ONE_DAY)
    market.last_trade_ts = now
