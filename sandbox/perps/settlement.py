"""Settling PnL: a position's gain or loss is paid between the market's pool and its owner."""

from __future__ import annotations

from solders.pubkey import Pubkey

from sandbox.perps import amm
from sandbox.perps.errors import Error, Refused, require
from sandbox.perps.frame import Frame
from sandbox.perps.funding import settle_funding
from sandbox.perps.funding_rates import least_kept_fees
from sandbox.perps.margin import calculate_margin, net_user_pnl, unrealized_pnl
from sandbox.perps.model import PerpMarket, PerpPosition, SpotMarket, User
from sandbox.perps.oracles import GOOD_FOR_SETTLING, OraclePrice
from sandbox.perps.positions import add_quote
from sandbox.perps.spot import (
    PoolBalance,
    accrue_interest,
    most_withdrawable_of_market,
    require_revenue_within_deposits,
    signed_tokens,
    tokens,
    transfer,
    update_balance,
)
from sandbox.perps.terms import (
    PERCENT,
    QUOTE,
    QUOTE_MARKET,
    Balance,
    Margin,
    PerpPaused,
    Tier,
    quotient,
)

POOL_THRESHOLD = 250 * QUOTE


class Unsettled(Refused):
    """Nothing is settled, for a reason that those who only try pass over."""


def require_settleable(condition: bool, error: Error) -> None:
    if not condition:
        raise Unsettled(error)


def settle_pnl(
    frame: Frame, market_index: int, user: User, authority: Pubkey, *, carried: bool | None = None
) -> None:
    """Pay what can be paid of a position's unsettled PnL; raises Unsettled.

    `carried` says whether maintenance margin is met, if that is known.
    """
    require(not user.is_bankrupt, Error.USER_BANKRUPT)
    quote_market = frame.spot_market(QUOTE_MARKET)
    accrue_interest(frame, quote_market, None, frame.now)
    market = frame.perp_market(market_index)
    oracle = frame.oracles.price(market.oracle)
    _require_price_band(frame, market, oracle.price)
    settle_funding(frame, user, market)
    position = user.position(market_index)
    if unrealized_pnl(position, oracle.price) < 0:
        if carried is None:
            carried = calculate_margin(frame, user, Margin.MAINTENANCE, strict=True).is_met
        require_settleable(carried, Error.INSUFFICIENT_COLLATERAL_FOR_SETTLING)
    _require_usable_oracle(frame, market, oracle)
    _require_open_market(market, position)

    excess = _pool_excess(market, quote_market, oracle.price)
    claim = _claimable(position, oracle.price, excess)
    paid = _move_pools(frame, market, quote_market, user, claim)
    require_settleable(claim != 0, Error.NO_UNSETTLED_PNL)
    require_settleable(paid != 0, Error.PNL_POOL_CANT_SETTLE)
    base = int(position.base_asset_amount)
    own = authority in (user.authority, user.delegate)
    closing = paid > 0 and base == 0 and user.is_being_liquidated
    alone = paid >= 0 and excess <= 0 and not closing
    require_settleable(own or not alone, Error.USER_MUST_SETTLE_OWN_PNL)
    toward = Balance.DEPOSIT if paid > 0 else Balance.BORROW
    update_balance(abs(paid), toward, quote_market, user.spot_positions[0])
    add_quote(position, market, -paid)
    user.settled_perp_pnl += paid
    position.settled_pnl += paid
    frame.emit(
        "SettlePnlRecord",
        ts=frame.now,
        user=user.key,
        market_index=market_index,
        pnl=paid,
        base_asset_amount=base,
        quote_asset_amount_after=position.quote_asset_amount,
        quote_entry_amount=position.quote_entry_amount,
        settle_price=oracle.price,
        explanation=0,
    )


def _require_price_band(frame: Frame, market: PerpMarket, oracle: int) -> None:
    fast = market.historical_oracle_data.last_oracle_price_twap5min
    middle = amm.reserve_price(market)
    spreads = [abs(quotient((price - fast) * PERCENT, price)) for price in (middle, oracle)]
    rails = frame.state.oracle_guard_rails.price_divergence
    widest = max(rails.mark_oracle_percent_divergence, PERCENT // 10)
    require(max(spreads) <= widest, Error.PRICE_BANDS_BREACHED)


def _require_usable_oracle(frame: Frame, market: PerpMarket, oracle: OraclePrice) -> None:
    fresh = market.last_oracle_valid and market.last_update_slot == frame.slot
    if market.curve_update_intensity == 0 or fresh:
        return
    history = market.historical_oracle_data
    _, validity = frame.oracles.price_and_validity(
        market, market.oracle, history.last_oracle_price_twap
    )
    fast = history.last_oracle_price_twap5min
    divergence = abs(quotient((oracle.price - fast) * PERCENT, min(fast, oracle.price)))
    widest = {Tier.A: 200, Tier.B: 200, Tier.C: 100}.get(market.contract_tier, 40)
    if validity in GOOD_FOR_SETTLING and divergence < PERCENT // widest:
        return
    if not market.last_oracle_valid:
        raise Unsettled(validity.error)
    require_settleable(market.last_update_slot == frame.slot, Error.AMM_NOT_UPDATED)


def _require_open_market(market: PerpMarket, position: PerpPosition) -> None:
    closed = market.is_paused(PerpPaused.SETTLE_PNL)
    require_settleable(not closed, Error.INVALID_STATUS_TO_SETTLE)
    if position.base_asset_amount != 0:
        paused = market.is_paused(PerpPaused.SETTLE_PNL_WITH_POSITION)
        require_settleable(not paused and market.is_active, Error.INVALID_STATUS_TO_SETTLE)
    else:
        settled = market.is_active or market.is_reduce_only
        require_settleable(settled, Error.INVALID_STATUS_TO_SETTLE)


def _pool_excess(market: PerpMarket, quote_market: SpotMarket, oracle: int) -> int:
    pool = tokens(market.pnl_pool.scaled_balance, quote_market, Balance.DEPOSIT)
    fees = tokens(market.fee_pool.scaled_balance, quote_market, Balance.DEPOSIT)
    available = pool + fees // 5
    net = net_user_pnl(market, oracle)
    return available - max(net, 0) if net < available else 0


def _claimable(position: PerpPosition, oracle: int, excess: int) -> int:
    """A gain can be claimed as far as it was realised or the pool holds more than all gains."""
    pnl = unrealized_pnl(position, oracle)
    if pnl <= 0:
        return pnl
    realised = max(position.quote_asset_amount - position.quote_entry_amount, 0)
    return int(min(pnl, realised + max(excess, 0)))


def _move_pools(
    frame: Frame, market: PerpMarket, quote_market: SpotMarket, user: User, claim: int
) -> int:
    """Fill the fee pool from the gains' pool or the reverse, then pay or take from the latter."""
    fees, pool = PoolBalance(market.fee_pool), PoolBalance(market.pnl_pool)
    held = tokens(fees.scaled_balance, quote_market, Balance.DEPOSIT)
    most = market.total_fee_minus_distributions + market.total_liquidation_fee
    most -= market.total_fee_withdrawn
    fee_share = 100
    if most <= held:
        transfer(held - max(0, most), quote_market, fees, pool)
        fee_share = 0
    least = least_kept_fees(market) + market.total_liquidation_fee - market.total_fee_withdrawn
    held = tokens(fees.scaled_balance, quote_market, Balance.DEPOSIT)
    if held < least:
        in_pool = tokens(pool.scaled_balance, quote_market, Balance.DEPOSIT)
        transfer(min(least - held, in_pool), quote_market, pool, fees)
    _share_revenue(frame, market, quote_market, fees)

    if claim > 0:
        paid = min(claim, tokens(pool.scaled_balance, quote_market, Balance.DEPOSIT))
    else:
        deposited = signed_tokens(user.spot_positions[0], quote_market)
        paid = max(-most_withdrawable_of_market(quote_market, deposited), claim)
    for_fees = 0
    if fee_share and paid < 0:
        for_fees = quotient(paid, fee_share)
        update_balance(abs(for_fees), Balance.DEPOSIT, quote_market, fees)
    with_market = -(paid - for_fees)
    toward = Balance.DEPOSIT if with_market >= 0 else Balance.BORROW
    update_balance(abs(with_market), toward, quote_market, pool)
    require_revenue_within_deposits(quote_market)
    return paid


def _share_revenue(
    frame: Frame, market: PerpMarket, quote_market: SpotMarket, fees: PoolBalance
) -> None:
    claim = market.insurance_claim
    if quote_market.insurance_fund.last_revenue_settle_ts > claim.last_revenue_withdraw_ts:
        claim.revenue_withdraw_since_last_settle = 0
    shared = _revenue_share(market, quote_market, fees)
    if shared == 0:
        return
    revenue = PoolBalance(quote_market.revenue_pool)
    if shared > 0:
        transfer(shared, quote_market, fees, revenue)
        market.total_fee_withdrawn += shared
    else:
        transfer(-shared, quote_market, revenue, fees)
    market.total_fee_minus_distributions -= shared
    claim.revenue_withdraw_since_last_settle -= shared
    claim.last_revenue_withdraw_ts = frame.now


def _revenue_share(market: PerpMarket, quote_market: SpotMarket, fees: PoolBalance) -> int:
    """To the revenue pool (negative: from it), by how the curve stands against its threshold."""
    surplus = market.total_fee_minus_distributions - market.total_fee_withdrawn - POOL_THRESHOLD
    claim = market.insurance_claim
    if surplus > 0:
        held = tokens(fees.scaled_balance, quote_market, Balance.DEPOSIT)
        spare = max(held - POOL_THRESHOLD - market.total_social_loss, 0)
        insured = claim.quote_settled_insurance + claim.quote_max_insurance
        liquidations = min(market.total_liquidation_fee, insured)
        most = claim.revenue_withdraw_since_last_settle + claim.max_revenue_withdraw_per_period
        most = max(min(most, market.net_revenue_since_last_funding), 0)
        due = least_kept_fees(market) + liquidations - market.total_fee_withdrawn
        return int(min(max(due, 0), spare, most))
    if surplus < 0:
        period = claim.max_revenue_withdraw_per_period
        allowed = max(period - claim.revenue_withdraw_since_last_settle, 0)
        pooled = tokens(quote_market.revenue_pool.scaled_balance, quote_market, Balance.DEPOSIT)
        return -int(min(-surplus, allowed, pooled, period))
    return 0
