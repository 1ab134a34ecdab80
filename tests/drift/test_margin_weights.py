"""Weights and ratios that grow or fall with size: the reference's, where its root is whole."""

import pytest
from driftpy.math.margin import MarginCategory as TheirCategory
from driftpy.math.margin import (
    calculate_market_margin_ratio,
    calculate_size_premium_liability_weight,
)

from drift.margin_weights import (
    MarginCategory,
    margin_ratio,
    size_discount_weight,
    size_premium_weight,
)
from tests.drift.reference import World
from tests.drift.worlds import ORACLES, perp_market, quote_market, user

CATEGORIES = {
    MarginCategory.INITIAL: TheirCategory.INITIAL,
    MarginCategory.MAINTENANCE: TheirCategory.MAINTENANCE,
}


def test_size_dependent_ratios_equal_the_reference_where_the_root_is_whole():
    for root in range(1, 10**6, 9_990):
        size = (root * root - 1) // 10
        if size * 10 + 1 != root * root:
            continue
        for weight in (1000, 500, 12_000):
            assert size_premium_weight(size=size, imf_factor=3_000, weight=weight) == int(
                calculate_size_premium_liability_weight(size, 3_000, weight, 10_000)
            )


@pytest.mark.parametrize("high_leverage", [False, True])
@pytest.mark.parametrize("category", list(CATEGORIES))
def test_margin_ratios_with_high_leverage_and_own_limits_equal_the_reference(
    category, high_leverage
):
    world = World(
        perp_markets=[
            perp_market(
                0,
                ORACLES[0],
                imf_factor=3_000,
                high_leverage_margin_ratio_initial=100,
                high_leverage_margin_ratio_maintenance=66,
            )
        ],
        spot_markets=[quote_market()],
        user=user(spot=[], perp=[]),
        perp_prices={0: 10**6},
        spot_prices={0: 10**6},
    )
    for root in (1, 11, 10**4 + 1, 10**6 + 1, 4 * 10**6 + 1, 10**7 + 1):
        size = (root * root - 1) // 10
        assert size * 10 + 1 == root * root
        for custom in (0, 2_500):
            assert margin_ratio(
                market=world.valuation.perp_markets[0],
                size=size,
                category=category,
                custom_ratio=custom,
                high_leverage=high_leverage,
            ) == int(
                calculate_market_margin_ratio(
                    world.client.get_perp_market_account(0),
                    size,
                    CATEGORIES[category],
                    custom,
                    high_leverage,
                )
            )


def test_a_large_deposit_counts_less():
    assert size_discount_weight(size=10**9, imf_factor=0, weight=9_000) == 9_000
    small = size_discount_weight(size=10**9, imf_factor=3_000, weight=9_000)
    large = size_discount_weight(size=10**15, imf_factor=3_000, weight=9_000)
    assert small == 9_000
    assert large < small
