"""Fees of fills: what the taker pays, and who gets what of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.perps.errors import Error, Refused
from sandbox.perps.model import User
from sandbox.perps.terms import (
    PERCENT,
    QUOTE,
    THIRTY_DAYS,
    Direction,
    ceiling,
    fourth_root,
    quotient,
)

TENTH_OF_PERCENT = PERCENT // 1000
MILLION = 1_000_000 * QUOTE
# 30-day volume, staked quote, and the tier that either opens; the best first.
TIERS = (
    (100 * MILLION, 10_000 * QUOTE, 5),
    (50 * MILLION, 5_000 * QUOTE, 4),
    (10 * MILLION, 2_000 * QUOTE, 3),
    (5 * MILLION, 1_000 * QUOTE, 2),
    (1 * MILLION, 500 * QUOTE, 1),
)


@dataclass(frozen=True, slots=True)
class FillFees:
    """All in quote units."""

    taker: int
    maker_rebate: int
    to_market: int
    filler: int
    referrer: int = 0
    referee_discount: int = 0


@dataclass(frozen=True, slots=True)
class Referral:
    """The account and statistics of a taker's referrer."""

    user: User
    stats: Any


def proportion(value: int, numerator: int, denominator: int) -> int:
    """A part of a value: rounded up where it is more than half, else down."""
    if denominator // 2 < numerator < denominator:
        return (
            value
            - value * (denominator - numerator) // denominator
            - int(value * (denominator - numerator) % denominator > 0)
        )
    return value * numerator // denominator


def _referred(
    fee: int, tier: Any, structure: Any, referral: Referral | None
) -> tuple[int, int, int]:
    """Fee, discount and reward where a referrer is to be rewarded."""
    if referral is None:
        return fee, 0, 0
    discount = proportion(fee, tier.referee_fee_numerator, tier.referee_fee_denominator)
    reward = proportion(fee, tier.referrer_reward_numerator, tier.referrer_reward_denominator)
    if hasattr(type(structure), "referrer_reward_epoch_upper_bound"):
        given = referral.stats.fees.current_epoch_referrer_reward
        reward = min(reward, max(structure.referrer_reward_epoch_upper_bound - given, 0))
    return fee - discount, discount, reward


def fee_tier(stats: Any, structure: Any) -> Any:
    """The tier that volume or stake gives."""
    volume = stats.taker_volume30d + stats.maker_volume30d
    staked = stats.if_staked_quote_asset_amount
    for least_volume, least_stake, tier in TIERS:
        if volume >= least_volume or staked >= least_stake - QUOTE:
            return structure.fee_tiers[tier]
    return structure.fee_tiers[0]


def taker_fee(quote: int, tier: Any, adjustment: int) -> int:
    """Rounded up."""
    fee = ceiling(quote * tier.fee_numerator, tier.fee_denominator)
    if adjustment < 0:
        return max(fee - fee * -adjustment // 100, 0)
    return fee + ceiling(fee * adjustment, 100)


def maker_rebate(quote: int, tier: Any, adjustment: int) -> int:
    """Rounded down."""
    rebate = quote * tier.maker_rebate_numerator // tier.maker_rebate_denominator
    if adjustment < 0:
        return int(max(rebate - ceiling(rebate * -adjustment, 100), 0))
    return int(rebate + rebate * adjustment // 100)


def filler_reward(fee: int, structure: Any, *, age: int, multiplier: int = 0) -> int:
    """A part of the fee, bounded while the order is young (`age` in slots)."""
    rewards = structure.filler_reward_structure
    by_size = fee * rewards.reward_numerator // rewards.reward_denominator
    factor = min(max(multiplier, TENTH_OF_PERCENT), TENTH_OF_PERCENT * 100)
    least = rewards.time_based_reward_lower_bound * factor // TENTH_OF_PERCENT
    by_time = fourth_root(max(1, age) * 10**8) * least // 100
    return int(min(by_size, by_time))


def fees_with_amm(
    stats: Any,
    structure: Any,
    quote: int,
    *,
    age: int,
    rewards_filler: bool,
    surplus: int,
    post_only: bool,
    adjustment: int,
    referral: Referral | None = None,
) -> FillFees:
    """Fees of a fill by the curve; `surplus` is what its spread earned."""
    tier = fee_tier(stats, structure)
    if post_only:
        rebate = maker_rebate(quote, tier, adjustment)
        if surplus < rebate:
            raise Refused(Error.MATH)
        fee = surplus - rebate
        reward = filler_reward(fee, structure, age=age) if rewards_filler else 0
        return FillFees(0, rebate, fee - reward, reward)
    fee = taker_fee(quote, tier, adjustment)
    fee, discount, referred = _referred(fee, tier, structure, referral)
    reward = filler_reward(fee, structure, age=age) if rewards_filler else 0
    return FillFees(fee, 0, fee - reward - referred + surplus, reward, referred, discount)


def fees_with_match(
    taker_stats: Any,
    maker_stats: Any,
    structure: Any,
    quote: int,
    *,
    age: int,
    multiplier: int,
    adjustment: int,
    referral: Referral | None = None,
) -> FillFees:
    """Fees of a fill between two users; a multiplier of 0 rewards no filler."""
    tier = fee_tier(taker_stats, structure)
    fee = taker_fee(quote, tier, adjustment)
    fee, discount, referred = _referred(fee, tier, structure, referral)
    rebate = maker_rebate(quote, fee_tier(maker_stats, structure), adjustment)
    reward = filler_reward(fee, structure, age=age, multiplier=multiplier) if multiplier else 0
    kept = fee - reward - referred - rebate
    if kept < 0:
        raise Refused(Error.MATH)
    return FillFees(fee, rebate, kept, reward, referred, discount)


def match_multiplier(maker_price: int, maker_direction: int, oracle: int) -> int:
    """How much more a filler gets for a better match, in 1e6."""
    difference = quotient((oracle - maker_price) * PERCENT, oracle)
    signed = -difference if maker_direction == Direction.LONG else difference
    return min(max(signed + TENTH_OF_PERCENT * 2, TENTH_OF_PERCENT), TENTH_OF_PERCENT * 100)


def count_volume(stats: Any, role: str, quote: int, now: int) -> None:
    """Add to the rolling 30-day volume as `maker`, `taker` or `filler`."""
    volume, last = f"{role}_volume30d", f"last_{role}_volume30d_ts"
    since = max(1, now - getattr(stats, last))
    kept = getattr(stats, volume) * max(0, THIRTY_DAYS - since) // THIRTY_DAYS
    setattr(stats, volume, kept + quote)
    setattr(stats, last, now)
