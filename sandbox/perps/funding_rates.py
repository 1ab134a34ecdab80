"""The hourly funding rate, set on the first touch of a market after the hour."""

from __future__ import annotations

from sandbox.perps import amm
from sandbox.perps.averages import moving_average, update_mark_averages, update_oracle_averages
from sandbox.perps.errors import Error, require
from sandbox.perps.frame import Frame
from sandbox.perps.funding import FUNDING_BUFFER, payment_for
from sandbox.perps.model import PerpMarket
from sandbox.perps.oracles import GOOD_FOR_FUNDING, judge
from sandbox.perps.terms import (
    ONE_DAY,
    ONE_HOUR,
    PERCENT,
    Direction,
    Paused,
    PerpPaused,
    Tier,
    quotient,
)

RATE_PER_QUOTE_AND_BASE = 10**12
YEARLY_OFFSET_DIVISOR = 5000


def update_funding_rate(frame: Frame, market: PerpMarket, *, middle: int | None = None) -> bool:
    """Set the rate if it is due and nothing forbids it; gives whether it was set."""
    if middle is None:
        middle = amm.reserve_price(market)
    if frame.state.exchange_status & Paused.FUNDING or _is_blocked(frame, market, middle):
        return False
    if seconds_to_update(frame.now, market.last_funding_rate_ts, market.funding_period) > 0:
        return False
    oracle = frame.oracles.price(market.oracle)
    average = update_oracle_averages(market, oracle, frame.now, middle=middle)
    mark_average = _mark_average(market, frame.now, middle)
    spread = mark_average - average + abs(average) // YEARLY_OFFSET_DIVISOR
    divisor = {Tier.A: 33, Tier.B: 33, Tier.C: 20}.get(market.contract_tier, 10)
    widest = quotient(average, divisor)
    spread = min(max(spread, -widest), widest)
    periods = 24 * ONE_HOUR // max(ONE_HOUR, market.funding_period)
    rate = quotient(spread * FUNDING_BUFFER, periods)
    _apply(frame, market, rate, mark_average)
    return True


def _mark_average(market: PerpMarket, now: int, middle: int) -> int:
    direction = None
    price = middle
    if market.long_spread != market.short_spread:
        wider_long = market.long_spread > market.short_spread
        direction = Direction.LONG if wider_long else Direction.SHORT
        price = amm.quoted_price(market, middle, direction)
    return update_mark_averages(
        market, now, price=price, direction=direction, quotes=amm.quotes(market)
    )


def _is_blocked(frame: Frame, market: PerpMarket, middle: int) -> bool:
    if market.is_paused(PerpPaused.UPDATE_FUNDING):
        return True
    oracle = frame.oracles.price(market.oracle)
    average = market.historical_oracle_data.last_oracle_price_twap
    rails = frame.state.oracle_guard_rails
    validity = judge(oracle, average, rails.validity, market.confidence_multiplier)
    if validity not in GOOD_FOR_FUNDING:
        return True
    fast = market.historical_oracle_data.last_oracle_price_twap5min
    spread = abs(quotient((middle - fast) * PERCENT, middle))
    widest = max(rails.price_divergence.mark_oracle_percent_divergence, PERCENT // 10)
    stale = max(frame.slot - market.last_update_slot, 0) > market.funding_period
    return bool(stale or spread > widest)


def seconds_to_update(now: int, last: int, period: int) -> int:
    """Until the next update may be made, which is on the full period."""
    wait = period
    late = last % period if period > 1 else 0
    if late != 0:
        # An update that came later than a third of the period makes the next one a period longer.
        wait = 2 * period - late if late > period // 3 else period - late
    return max(wait - (now - last), 0)


def least_kept_fees(market: PerpMarket) -> int:
    """Half of the exchange's fees stay with it."""
    return int(market.total_exchange_fee // 2)


def _sided_rates(market: PerpMarket, rate: int) -> tuple[int, int, int]:
    """The rates of longs and of shorts, and what the exchange takes in between them.

    Where it would pay, the side that receives gets no more than a third of what it can spare.
    """
    earned = -payment_for(rate, market.base_asset_amount_with_amm)
    if earned >= 0:
        market.total_fee_minus_distributions += earned
        market.net_revenue_since_last_funding += earned
        return rate, rate, earned
    kept = least_kept_fees(market)
    reserved = kept + market.total_liquidation_fee - market.total_fee_withdrawn
    spare = max(market.total_fee_minus_distributions - reserved, 0)
    limit = -(spare // 3)
    capped, capped_rate = max(earned, limit), rate
    if earned < limit:
        capped_rate = _rate_within(market, rate, limit)
    left = market.total_fee_minus_distributions + capped
    require(capped == 0 or left >= kept, Error.INVALID_FUNDING_PROFITABILITY)
    market.total_fee_minus_distributions = left
    market.net_revenue_since_last_funding -= abs(capped)
    if rate < 0:
        return capped_rate, rate, earned
    return rate, capped_rate, earned


def _rate_within(market: PerpMarket, rate: int, limit: int) -> int:
    longs, shorts = int(market.base_asset_amount_long), int(market.base_asset_amount_short)
    payers, receivers = (longs, shorts) if rate > 0 else (shorts, longs)
    limit -= abs(payment_for(rate, payers))
    if receivers == 0:
        return 0
    return quotient((limit + 1 if limit < 0 else limit) * RATE_PER_QUOTE_AND_BASE, receivers)


def _apply(frame: Frame, market: PerpMarket, rate: int, mark_average: int) -> None:
    long_rate, short_rate, earned = _sided_rates(market, rate)
    market.cumulative_funding_rate_long += long_rate
    market.cumulative_funding_rate_short += short_rate
    market.last_funding_rate = rate
    market.last_funding_rate_long = long_rate
    market.last_funding_rate_short = short_rate
    market.last24h_avg_funding_rate = moving_average(
        rate, market.last24h_avg_funding_rate, frame.now - market.last_funding_rate_ts, ONE_DAY
    )
    market.net_unsettled_funding_pnl -= earned
    market.last_funding_rate_ts = frame.now
    frame.emit(
        "FundingRateRecord",
        ts=frame.now,
        record_id=market.take_id("next_funding_rate_record_id"),
        market_index=market.market_index,
        funding_rate=rate,
        funding_rate_long=long_rate,
        funding_rate_short=short_rate,
        cumulative_funding_rate_long=market.cumulative_funding_rate_long,
        cumulative_funding_rate_short=market.cumulative_funding_rate_short,
        oracle_price_twap=market.historical_oracle_data.last_oracle_price_twap,
        mark_price_twap=mark_average,
        period_revenue=market.net_revenue_since_last_funding,
        base_asset_amount_with_amm=market.base_asset_amount_with_amm,
        base_asset_amount_with_unsettled_lp=0,
    )
    market.net_revenue_since_last_funding = 0
