"""Weights, ratios and token amounts: what the program multiplies balances and positions with.

Divisions round as the program rounds them. Where a weight depends on a size it takes the integer
square root, as the program does.
"""

from __future__ import annotations

from enum import StrEnum
from math import isqrt

from drift.accounts import PerpMarketAccount, SpotMarketAccount, SpotPosition

PRICE_PRECISION = 10**6
QUOTE_PRECISION = 10**6
BASE_PRECISION = 10**9
MARGIN_PRECISION = 10**4
WEIGHT_PRECISION = 10**4
IMF_PRECISION = 10**6
PERCENTAGE_PRECISION = 10**6
BASE_TO_QUOTE_RATIO = BASE_PRECISION // QUOTE_PRECISION
INTEREST_AND_BALANCE_DECIMALS = 19  # scaled balances 9, cumulative interest 10
# Sizes enter the size-dependent weights as the root of ten times their base units.
_ROOT_SCALE = 100_000


class MarginCategory(StrEnum):
    """Initial margin opens and withdraws, maintenance margin keeps from liquidation."""

    INITIAL = "initial"
    MAINTENANCE = "maintenance"


def power_of_ten(exponent: int) -> int:
    """Ten to a power that is not negative, so a whole number."""
    power: int = 10**exponent
    return power


def token_amount(scaled_balance: int, market: SpotMarketAccount, balance_type: str) -> int:
    """Tokens of a scaled balance: a deposit rounds down, a borrow up."""
    divisor = power_of_ten(INTEREST_AND_BALANCE_DECIMALS - market.decimals)
    if balance_type == "Deposit":
        return scaled_balance * market.cumulative_deposit_interest // divisor
    return -(-scaled_balance * market.cumulative_borrow_interest // divisor)


def signed_token_amount(position: SpotPosition, market: SpotMarketAccount) -> int:
    """Tokens of a position, negative if borrowed."""
    amount = token_amount(position.scaled_balance, market, position.balance_type)
    return amount if position.balance_type == "Deposit" else -amount


def size_premium_weight(*, size: int, imf_factor: int, weight: int, bounded: bool = True) -> int:
    """A liability's weight or margin ratio, which grows with its size (base 1e9)."""
    if imf_factor == 0:
        return weight
    root = isqrt(size * 10 + 1)
    divisor = _ROOT_SCALE * IMF_PRECISION // WEIGHT_PRECISION
    premium = weight - weight // 5 + root * imf_factor // divisor
    return max(weight, premium) if bounded else premium


def size_discount_weight(*, size: int, imf_factor: int, weight: int) -> int:
    """An asset's weight, which falls with its size (base 1e9)."""
    if imf_factor == 0:
        return weight
    root = isqrt(size * 10 + 1)
    numerator = (IMF_PRECISION + IMF_PRECISION // 10) * WEIGHT_PRECISION
    return min(weight, numerator // (IMF_PRECISION + root * imf_factor // _ROOT_SCALE))


def asset_weight(
    *, amount: int, price: int, market: SpotMarketAccount, category: MarginCategory | None
) -> int:
    """Weight of a deposit; None is the initial weight regardless of the deposit's size."""
    if category is MarginCategory.MAINTENANCE:
        weight = market.maintenance_asset_weight
    else:
        weight = _scaled_initial_asset_weight(market, price)
    if category is None:
        return weight
    size = _in_base_precision(abs(amount), market)
    return size_discount_weight(size=size, imf_factor=market.imf_factor, weight=weight)


def liability_weight(
    *, amount: int, market: SpotMarketAccount, category: MarginCategory | None
) -> int:
    """Weight of a borrow; None is the initial weight regardless of the borrow's size."""
    if category is None:
        return market.initial_liability_weight
    weight = (
        market.initial_liability_weight
        if category is MarginCategory.INITIAL
        else market.maintenance_liability_weight
    )
    size = _in_base_precision(abs(amount), market)
    return size_premium_weight(size=size, imf_factor=market.imf_factor, weight=weight)


def margin_ratio(
    *,
    market: PerpMarketAccount,
    size: int,
    category: MarginCategory,
    custom_ratio: int,
    high_leverage: bool,
) -> int:
    """Share of a perp position's value (1e4) that must be there as collateral.

    `custom_ratio` is the user's own lower leverage; it binds the initial margin alone.
    """
    if market.status == "Settlement":
        return 0
    initial = category is MarginCategory.INITIAL
    ordinary = market.margin_ratio_initial if initial else market.margin_ratio_maintenance
    has_high_leverage = high_leverage and (
        market.high_leverage_margin_ratio_initial > 0
        and market.high_leverage_margin_ratio_maintenance > 0
    )
    if not has_high_leverage:
        ratio = size_premium_weight(size=size, imf_factor=market.imf_factor, weight=ordinary)
    elif initial:
        sized = size_premium_weight(
            size=size, imf_factor=market.imf_factor, weight=ordinary, bounded=False
        )
        ratio = _high_leverage_initial_ratio(
            ordinary, sized, market.high_leverage_margin_ratio_initial
        )
    else:
        ratio = size_premium_weight(
            size=size,
            imf_factor=market.imf_factor,
            weight=market.high_leverage_margin_ratio_maintenance,
        )
    return max(ratio, custom_ratio) if initial else ratio


def unrealized_asset_weight(
    *,
    market: PerpMarketAccount,
    quote_market: SpotMarketAccount,
    unrealized_pnl: int,
    price: int,
    category: MarginCategory,
) -> int:
    """Weight of a positive unrealised PnL as collateral.

    The initial weight falls while the market's users together are owed more than its pool holds.
    """
    if category is MarginCategory.MAINTENANCE:
        return market.unrealized_pnl_maintenance_asset_weight
    weight = market.unrealized_pnl_initial_asset_weight
    if market.unrealized_pnl_max_imbalance > 0:
        imbalance = net_user_pnl_imbalance(market, quote_market, price)
        if imbalance > market.unrealized_pnl_max_imbalance:
            weight = weight * market.unrealized_pnl_max_imbalance // imbalance
    return size_discount_weight(
        size=abs(unrealized_pnl) * BASE_TO_QUOTE_RATIO,
        imf_factor=market.unrealized_pnl_imf_factor,
        weight=weight,
    )


def net_user_pnl_imbalance(
    market: PerpMarketAccount, quote_market: SpotMarketAccount, price: int
) -> int:
    value = market.base_asset_amount_with_amm * price // BASE_PRECISION
    pool = token_amount(market.pnl_pool_scaled_balance, quote_market, "Deposit")
    return value + market.quote_asset_amount - pool


def _scaled_initial_asset_weight(market: SpotMarketAccount, price: int) -> int:
    start = market.scale_initial_asset_weight_start
    if start == 0:
        return market.initial_asset_weight
    deposits = token_amount(market.deposit_balance, market, "Deposit")
    value = deposits * price // power_of_ten(market.decimals)
    if value < start:
        return market.initial_asset_weight
    return market.initial_asset_weight * start // value


def _in_base_precision(amount: int, market: SpotMarketAccount) -> int:
    return amount * BASE_PRECISION // power_of_ten(market.decimals)


def _high_leverage_initial_ratio(ordinary: int, sized: int, high_leverage: int) -> int:
    if sized > ordinary:
        return sized
    if sized == ordinary:
        return high_leverage
    discount = PERCENTAGE_PRECISION - (
        (ordinary - sized) * PERCENTAGE_PRECISION // max(ordinary // 5, 1)
    )
    return max(ordinary - high_leverage, 1) * discount // PERCENTAGE_PRECISION + high_leverage
