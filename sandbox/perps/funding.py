"""Funding: rates accrue in the market and are settled when a position is touched."""

from __future__ import annotations

from sandbox.perps.frame import Frame
from sandbox.perps.model import PerpMarket, PerpPosition, User
from sandbox.perps.positions import add_quote_and_break_even
from sandbox.perps.terms import BASE, PRICE, QUOTE, quotient

FUNDING_BUFFER = 1000


def payment_for(rate_delta: int, base: int) -> int:
    """Quote due to a position (negative: owed by it), longs paying a positive rate."""
    size = abs(rate_delta) * abs(base) // PRICE // FUNDING_BUFFER
    sign = (-1 if base > 0 else 1) * (1 if rate_delta > 0 else -1)
    return quotient(size * sign, BASE // QUOTE)


def funding_payment(cumulative: int, position: PerpPosition) -> int:
    """What settling the position now would pay it."""
    delta = cumulative - position.last_cumulative_funding_rate
    return payment_for(delta, position.base_asset_amount) if delta else 0


def settle_funding(frame: Frame, user: User, market: PerpMarket) -> None:
    """Pay what has accrued on the user's position in this market."""
    position = user.find_position(market.market_index)
    if position is None or position.base_asset_amount == 0:
        return
    cumulative = market.cumulative_funding(position.base_asset_amount)
    if cumulative == position.last_cumulative_funding_rate:
        return
    payment = funding_payment(cumulative, position)
    user.cumulative_perp_funding += payment
    frame.emit(
        "FundingPaymentRecord",
        ts=frame.now,
        user_authority=user.authority,
        user=user.key,
        market_index=market.market_index,
        funding_payment=payment,
        base_asset_amount=position.base_asset_amount,
        user_last_cumulative_funding=position.last_cumulative_funding_rate,
        amm_cumulative_funding_long=market.cumulative_funding_rate_long,
        amm_cumulative_funding_short=market.cumulative_funding_rate_short,
    )
    position.last_cumulative_funding_rate = cumulative
    add_quote_and_break_even(position, market, payment)
    market.net_unsettled_funding_pnl -= payment
