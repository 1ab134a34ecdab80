"""How much of a deposit can leave the venue now: the least of what three rules allow."""

from __future__ import annotations

from dataclasses import dataclass

from drift.accounts import SpotMarketAccount, UserAccount
from drift.margin import Valuation, margin_requirement, total_collateral
from drift.margin_weights import (
    QUOTE_PRECISION,
    WEIGHT_PRECISION,
    MarginCategory,
    asset_weight,
    power_of_ten,
    signed_token_amount,
    token_amount,
)

UTILIZATION_PRECISION = 10**6


@dataclass(frozen=True, slots=True)
class Withdrawable:
    """Tokens in their base units: what is deposited, what margin leaves free (None: nothing binds
    it), and what the market lets go today."""

    deposited: int
    free: int | None
    market_limit: int

    @property
    def amount(self) -> int:
        allowed = min(self.deposited, self.market_limit)
        return allowed if self.free is None else min(allowed, self.free)


def withdrawable(account: UserAccount, valuation: Valuation, market_index: int) -> Withdrawable:
    """What a reduce-only withdrawal of this token could take out. Unsettled profit is not in it."""
    market = valuation.spot_markets[market_index]
    position = account.spot_position(market_index)
    deposited = max(0, signed_token_amount(position, market)) if position else 0
    return Withdrawable(
        deposited=deposited,
        free=_free_tokens(account, valuation, market, deposited),
        market_limit=market_withdraw_limit(market),
    )


def market_withdraw_limit(market: SpotMarketAccount) -> int:
    """What all users together may take out before the program refuses with its daily limit.

    Deposits may not fall below three quarters of their day's average (or below it by the guard
    threshold, if that is more), nor so far that the loans outstanding use up the rest. A user
    with a small deposit may pass this; we do not count on it.
    """
    deposits = token_amount(market.deposit_balance, market, "Deposit")
    borrows = token_amount(market.borrow_balance, market, "Borrow")
    average = market.deposit_token_twap
    guard = market.withdraw_guard_threshold
    least_by_average = average - max(average // 4, min(guard, average))
    utilization = max(
        market.optimal_utilization,
        market.utilization_twap + max(0, UTILIZATION_PRECISION - market.utilization_twap) // 2,
    )
    least_by_loans = min(
        borrows * UTILIZATION_PRECISION // max(utilization, 1), max(0, deposits - guard)
    )
    limit = deposits - max(least_by_average, least_by_loans)
    # Tokens that are lent out are not in the vault.
    return max(0, min(limit, deposits - borrows))


def _free_tokens(
    account: UserAccount, valuation: Valuation, market: SpotMarketAccount, deposited: int
) -> int | None:
    category = MarginCategory.INITIAL
    requirement = margin_requirement(account, valuation, category, strict=True)
    collateral = total_collateral(account, valuation, category, strict=True)
    if requirement == 0 and not any(
        position.base_asset_amount or position.quote_asset_amount < 0
        for position in account.perp_positions
    ):
        return None
    price = valuation.strict_price(market, strict=True)
    weight = asset_weight(amount=deposited, price=price.current, market=market, category=category)
    custom = account.max_margin_ratio
    if custom and market.market_index != 0:
        weight = min(weight, max(0, WEIGHT_PRECISION - custom))
    if weight == 0 or price.least <= 0:
        return None if collateral >= requirement else 0
    # A withdrawal of a part takes a unit more than it pays, and the quote token's own average,
    # which the withdrawal itself brings up to date, may come out a millionth to either side.
    rounding = 2 + (max(0, collateral) + abs(requirement)) // QUOTE_PRECISION
    free = max(0, collateral - requirement - rounding)
    return free * WEIGHT_PRECISION * power_of_ten(market.decimals) // (weight * price.least)
