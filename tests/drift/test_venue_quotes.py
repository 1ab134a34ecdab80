"""Fees and prices of quotes against what the recorded program charged."""

from dataclasses import replace
from decimal import Decimal

import pytest

from drift.account_reader import reader_for
from drift.events import parse_events
from drift.fees import fee_tier, initialization_fee, taker_fee
from drift.layouts.deployments import DRIFT, DRIFT_2024_10
from tests.drift.recordings import SCENARIOS, account_bytes, recorded_accounts, scenario

READER = reader_for(DRIFT_2024_10)
MILLION = 10**12


def first(kind, read):
    account = next(found for found in recorded_accounts("match") if found["kind"] == kind)
    return read(owner=DRIFT.program_id, data=account_bytes(account))


@pytest.fixture(scope="module")
def state():
    return first("State", READER.state)


@pytest.fixture(scope="module")
def stats():
    return first("UserStats", READER.user_stats)


def test_recorded_fees_are_what_the_lowest_tier_says(state):
    seen = 0
    for name in SCENARIOS:
        for step in scenario(name)["steps"]:
            parsed = parse_events(deployment=DRIFT_2024_10, logs=step["logs"], error=step["error"])
            for event in parsed.events:
                fields = event.fields
                if event.name != "OrderActionRecord" or fields["action"] != "Fill":
                    continue
                if fields["taker"] is None or "Liquidation" in fields["action_explanation"]:
                    continue
                quote = fields["quote_asset_amount_filled"]
                fee = taker_fee(quote=quote, tier=fee_tier(state, None), adjustment=0)
                assert fields["taker_fee"] == fee
                seen += 1
    assert seen > 50


def test_volume_or_stake_opens_a_better_tier(state, stats):
    tiers = state.perp_fee_tiers
    cases = [
        ({}, 0),
        ({"taker_volume30d": MILLION - 1}, 0),
        ({"taker_volume30d": MILLION // 2, "maker_volume30d": MILLION // 2}, 1),
        ({"taker_volume30d": 10 * MILLION}, 3),
        ({"maker_volume30d": 500 * MILLION}, 5),
        ({"if_staked_quote_asset_amount": 1_000 * 10**6}, 2),
        ({"if_staked_quote_asset_amount": 1_000 * 10**6 - 10**6 - 1}, 1),
    ]
    blank = replace(stats, taker_volume30d=0, maker_volume30d=0, if_staked_quote_asset_amount=0)
    for values, tier in cases:
        assert fee_tier(state, replace(blank, **values)) == tiers[tier]


def test_a_markets_adjustment_moves_the_fee_against_who_pays(state):
    tier = fee_tier(state, None)
    assert taker_fee(quote=100 * 10**6, tier=tier, adjustment=0) == 100_000
    assert taker_fee(quote=100 * 10**6, tier=tier, adjustment=-50) == 50_000
    assert taker_fee(quote=100 * 10**6, tier=tier, adjustment=-100) == 0
    assert taker_fee(quote=100 * 10**6, tier=tier, adjustment=50) == 150_000
    assert taker_fee(quote=1, tier=tier, adjustment=0) == 1
    assert taker_fee(quote=1_001, tier=tier, adjustment=1) == 3


def test_a_new_account_costs_nothing_until_four_fifths_are_used(state):
    full = replace(
        state,
        max_number_of_sub_accounts=20,
        max_initialize_user_fee=100,
        number_of_sub_accounts=1_600,
    )
    assert initialization_fee(full) == 0
    assert initialization_fee(replace(full, number_of_sub_accounts=1_800)) == 10**9 // 2
    assert initialization_fee(replace(full, number_of_sub_accounts=2_000)) == 10**9
    few = replace(full, max_number_of_sub_accounts=5, number_of_sub_accounts=5)
    assert initialization_fee(few) == 10**9
    assert initialization_fee(replace(full, max_initialize_user_fee=0)) == Decimal(0)
