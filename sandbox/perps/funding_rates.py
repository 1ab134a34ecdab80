"""The hourly funding rate, set on the first touch of a market after the hour."""

from __future__ import annotations

from sandbox.perps import amm
from sandbox.perps.frame import Frame
from sandbox.perps.funding import FUNDING_BUFFER, payment_for
from sandbox.perps.model import PerpMarket
from sandbox.perps.oracles import GOOD_FOR_FUNDING, judge
from sandbox.perps.terms import ONE_HOUR, PERCENT, Paused, PerpPaused, Tier, quotient


def update_funding_rate(frame: Frame, market: PerpMarket, *, middle: int | None = None) -> bool:
    """Set the rate if it is due and nothing forbids it; gives whether it was set."""
    if middle is None:
        middle = amm.reserve_price(market)
    if frame.state.exchange_status & Paused.FUNDING or _is_blocked(frame, market, middle):
        return False
    if seconds_to_update(frame.now, market.last_funding_rate_ts, market.funding_period) > 0:
        return False
    oracle = frame.oracles.price(market.oracle)
    amm.update_oracle_averages(market, oracle, frame.now)
    average = int(market.historical_oracle_data.last_oracle_price_twap)
    spread = middle - average + quotient(abs(average), 5000)
    divisor = {Tier.A: 33, Tier.B: 33, Tier.C: 20}.get(market.contract_tier, 10)
    widest = average // divisor
    spread = min(max(spread, -widest), widest)
    periods = 24 * ONE_HOUR // max(ONE_HOUR, market.funding_period)
    rate = quotient(spread * FUNDING_BUFFER, periods)
    long_rate, short_rate = _sided_rates(market, rate)
    apply_funding_rate(frame, market, rate, long_rate, short_rate, mark_average=middle)
    return True


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


def _sided_rates(market: PerpMarket, rate: int) -> tuple[int, int]:
    """The rates of longs and shorts: the side that receives gets no more than there is."""
    net = market.base_asset_amount_with_amm
    earned = -payment_for(rate, net) if net else 0
    if earned >= 0:
        market.total_fee_minus_distributions += earned
        market.net_revenue_since_last_funding += earned
        return rate, rate
    available = max(market.total_fee_minus_distributions // 3, 0)
    payers = market.base_asset_amount_long if rate > 0 else market.base_asset_amount_short
    receivers = market.base_asset_amount_short if rate > 0 else market.base_asset_amount_long
    limited = rate
    if -earned > available and receivers:
        paid = abs(payment_for(rate, payers)) if payers else 0
        limited = quotient(-(available + paid) * 10**12, receivers)
    market.total_fee_minus_distributions -= min(-earned, available)
    return (rate, limited) if rate > 0 else (limited, rate)


def apply_funding_rate(
    frame: Frame,
    market: PerpMarket,
    rate: int,
    long_rate: int,
    short_rate: int,
    *,
    mark_average: int,
) -> None:
    """Add a period's rates to the cumulative ones and log them."""
    market.cumulative_funding_rate_long += long_rate
    market.cumulative_funding_rate_short += short_rate
    market.last_funding_rate = rate
    market.last_funding_rate_long = long_rate
    market.last_funding_rate_short = short_rate
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
