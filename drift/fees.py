"""What a taker pays: the tier that 30 days' volume or a stake opens, as the program picks it."""

from __future__ import annotations

from drift.accounts import FeeTier, StateAccount, UserStatsAccount

_MILLION = 1_000_000 * 10**6
# (30 days' volume, staked quote, tier), the best first; either opens the tier.
_TIERS = (
    (100 * _MILLION, 10_000 * 10**6, 5),
    (50 * _MILLION, 5_000 * 10**6, 4),
    (10 * _MILLION, 2_000 * 10**6, 3),
    (5 * _MILLION, 1_000 * 10**6, 2),
    (1 * _MILLION, 500 * 10**6, 1),
)
_STAKE_LEEWAY = 10**6
_LAMPORTS_PER_SOL = 10**9
_PERCENT = 10**6
_TARGET_USE = 8 * _PERCENT // 10


def fee_tier(state: StateAccount, stats: UserStatsAccount | None) -> FeeTier:
    """The tier of who has these statistics; of a newcomer without any."""
    if stats is None:
        return state.perp_fee_tiers[0]
    volume = stats.taker_volume30d + stats.maker_volume30d
    staked = stats.if_staked_quote_asset_amount
    for least_volume, least_stake, tier in _TIERS:
        if volume >= least_volume or staked >= least_stake - _STAKE_LEEWAY:
            return state.perp_fee_tiers[tier]
    return state.perp_fee_tiers[0]


def taker_fee(*, quote: int, tier: FeeTier, adjustment: int) -> int:
    """Fee in quote units (1e6), rounded up; `adjustment` is the market's, in percent."""
    fee = -(-quote * tier.fee_numerator // tier.fee_denominator)
    if adjustment < 0:
        return max(0, fee - fee * -adjustment // 100)
    return fee - (-fee * adjustment // 100)


def maker_fee(*, quote: int, tier: FeeTier, adjustment: int) -> int:
    """What a maker pays, which is less than nothing: a rebate, rounded down."""
    rebate = quote * tier.maker_rebate_numerator // tier.maker_rebate_denominator
    if adjustment < 0:
        return -(rebate - rebate * -adjustment // 100)
    return -(rebate + rebate * adjustment // 100)


def initialization_fee(state: StateAccount) -> int:
    """Lamports that the program takes for a new account: nothing until four fifths are used."""
    most = state.max_number_of_sub_accounts
    most = most if most <= 5 else most * 100
    highest = state.max_initialize_user_fee * _LAMPORTS_PER_SOL // 100
    used = state.number_of_sub_accounts * _PERCENT // max(most, 1)
    if used <= _TARGET_USE:
        return 0
    return highest * (used - _TARGET_USE) // (_PERCENT - _TARGET_USE)
