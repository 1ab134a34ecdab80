"""Margin maths, to the unit that of the reference client on the same account bytes.

The reference computes funding and size-dependent weights in floating point where the program
rounds integers; those parts are compared where both are exact, and bounded by a unit elsewhere.
"""

import math

import pytest
from driftpy.math.margin import MarginCategory as TheirCategory
from driftpy.math.perp_position import calculate_entry_price, calculate_position_funding_pnl
from driftpy.math.spot_market import get_token_amount
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift import margin
from drift.margin import MarginCategory
from drift.margin_weights import token_amount
from tests.drift.recordings import SCENARIOS, account_bytes, scenario
from tests.drift.reference import World
from tests.drift.worlds import ORACLES, perp_market, quote_market, spot_market, trading_world, user

CATEGORIES = {
    MarginCategory.INITIAL: TheirCategory.INITIAL,
    MarginCategory.MAINTENANCE: TheirCategory.MAINTENANCE,
}
FLOATS_ARE_WHOLE_TO = 2**50
# Long ago: a strict valuation's average is then the price itself, whatever the clock says.
AVERAGED_LONG_AGO = 1_600_000_000


def compare(world, slack=0):
    """Every figure of the account; `slack` units are allowed for what the reference does not
    round."""
    account, valuation, reference = world.account, world.valuation, world.user
    for own, theirs in CATEGORIES.items():
        near(
            margin.total_collateral(account, valuation, own),
            reference.get_total_collateral(theirs),
            slack,
        )
        for buffer in (0, 200):
            near(
                margin.margin_requirement(account, valuation, own, liquidation_buffer=buffer),
                reference.get_margin_requirement(theirs, buffer),
            )
        near(
            margin.margin_requirement(account, valuation, own, strict=True),
            reference.get_margin_requirement(theirs, 0, strict=True),
        )
        near(
            margin.free_collateral(account, valuation, own),
            reference.get_free_collateral(theirs),
            slack,
        )
    near(
        margin.account_unrealized_pnl(account, valuation, None),
        reference.get_unrealized_pnl(True),
        slack,
    )
    if slack == 0:
        assert margin.leverage(account, valuation) == reference.get_leverage()
        assert margin.health(account, valuation) == reference.get_health()
        for index in valuation.perp_markets:
            expected = reference.get_perp_liq_price(index)
            own = margin.liquidation_price(account, valuation, index)
            if expected < FLOATS_ARE_WHOLE_TO:
                assert (-1 if own is None else own) == expected


def near(own, theirs, slack=0):
    assert theirs == int(theirs) or slack
    assert -slack <= own - theirs <= slack


def scaled(tokens, decimals):
    """Such a balance that both divide it without a rest."""
    return tokens * 10 ** (9 - decimals)


# Larger figures leave the whole numbers that the reference's floats can hold.
amounts = st.integers(min_value=0, max_value=10**11)
signed = st.integers(min_value=-(10**11), max_value=10**11)
percents = st.integers(min_value=100, max_value=5_000)
prices = st.integers(min_value=10_000, max_value=10**9)


@st.composite
def perp_positions(draw, index):
    base = draw(st.integers(min_value=-(10**11), max_value=10**11))
    quote = draw(signed)
    return {
        "market_index": index,
        "base_asset_amount": base,
        "quote_asset_amount": quote,
        "quote_entry_amount": draw(signed),
        "open_bids": draw(st.integers(min_value=0, max_value=10**10)),
        "open_asks": -draw(st.integers(min_value=0, max_value=10**10)),
        "open_orders": draw(st.integers(min_value=0, max_value=5)),
    }


@st.composite
def perp_markets(draw, index):
    maintenance = draw(percents)
    return perp_market(
        index,
        ORACLES[index],
        margin_ratio_maintenance=maintenance,
        margin_ratio_initial=maintenance + draw(percents),
        unrealized_pnl_initial_asset_weight=draw(st.sampled_from([0, 8_000, 10_000])),
        unrealized_pnl_maintenance_asset_weight=draw(st.sampled_from([9_000, 10_000])),
        status=draw(st.sampled_from(["Active", "Active", "ReduceOnly", "Settlement"])),
        contract_type=draw(st.sampled_from(["Perpetual", "Perpetual", "Prediction"])),
        expiry_price=draw(prices),
        unrealized_pnl_max_imbalance=10**15,
    )


@st.composite
def worlds(draw):
    asset = draw(st.integers(min_value=0, max_value=9_900))
    liability = draw(st.integers(min_value=10_100, max_value=20_000))
    twap = draw(prices)
    spot_prices = {0: draw(st.sampled_from([10**6, 999_000, 1_001_000])), 1: draw(prices)}
    positions = []
    for index, decimals in ((0, 6), (1, 9)):
        borrowed = draw(st.booleans())
        orders = draw(st.booleans()) and index == 1
        positions.append(
            {
                "market_index": index,
                "scaled_balance": scaled(draw(amounts), decimals),
                "balance_type": "Borrow" if borrowed else "Deposit",
                "open_bids": draw(st.integers(0, 10**10)) if orders else 0,
                "open_asks": -draw(st.integers(0, 10**10)) if orders else 0,
                "open_orders": int(orders),
            }
        )
    perps = [draw(perp_positions(index)) for index in range(2)]
    return World(
        perp_markets=[draw(perp_markets(index)) for index in range(2)],
        spot_markets=[
            quote_market(
                historical_oracle_data__last_oracle_price_twap5min=draw(
                    st.sampled_from([10**6, 998_000, 1_002_000])
                ),
                historical_oracle_data__last_oracle_price_twap_ts=AVERAGED_LONG_AGO,
            ),
            spot_market(
                1,
                ORACLES[0],
                9,
                initial_asset_weight=asset,
                maintenance_asset_weight=min(10_000, asset + 100),
                initial_liability_weight=liability,
                maintenance_liability_weight=liability - 100,
                historical_oracle_data__last_oracle_price_twap5min=twap,
                historical_oracle_data__last_oracle_price_twap_ts=AVERAGED_LONG_AGO,
                scale_initial_asset_weight_start=draw(st.sampled_from([0, 10**9])),
                deposit_balance=10**12,
            ),
        ],
        user=user(
            spot=positions,
            perp=perps,
            status=draw(st.sampled_from([0, 0, 0, 1])),
            max_margin_ratio=draw(st.sampled_from([0, 0, 2_000, 10_000])),
        ),
        perp_prices={0: spot_prices[1], 1: draw(prices)},
        spot_prices=spot_prices,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_random_accounts_are_valued_as_the_reference_values_them(world):
    compare(world)


@settings(max_examples=60, deadline=None)
@given(
    base=st.integers(min_value=-(10**12), max_value=10**12),
    funding=st.integers(min_value=-(10**12), max_value=10**12),
    price=prices,
)
def test_unsettled_funding_is_part_of_unrealised_pnl(base, funding, price):
    world = World(
        perp_markets=[
            perp_market(
                0,
                ORACLES[0],
                amm__cumulative_funding_rate_long=funding,
                amm__cumulative_funding_rate_short=-funding,
            )
        ],
        spot_markets=[quote_market()],
        user=user(
            spot=[{"market_index": 0, "scaled_balance": 10**12}],
            perp=[{"market_index": 0, "base_asset_amount": base, "quote_asset_amount": -5}],
        ),
        perp_prices={0: price},
        spot_prices={0: 10**6},
    )
    # The program rounds what is owed toward zero; the reference keeps the fraction.
    compare(world, slack=1)
    if base:
        position = world.account.perp_position(0)
        own = margin.funding_pnl(position, world.valuation.perp_markets[0])
        exact = calculate_position_funding_pnl(
            world.client.get_perp_market_account(0),
            world.user.get_perp_position(0),
        )
        assert own == pytest.approx(math.trunc(exact), abs=1)
        assert own * exact >= 0


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_accounts_are_valued_as_the_reference_values_them(name):
    recording = scenario(name)
    accounts = dict(recording["genesis"]["accounts"])
    compared = 0
    for step in recording["steps"]:
        for address, account in step["accounts_after"].items():
            if account.get("closed"):
                accounts.pop(address, None)
            elif "data_zb64" in account:
                accounts[address] = account
        of_kind = {
            kind: [account_bytes(a) for a in accounts.values() if a["kind"] == kind]
            for kind in ("PerpMarket", "SpotMarket")
        }
        if not of_kind["PerpMarket"] or len(of_kind["SpotMarket"]) < 2:
            continue
        changed = [a for a in step["accounts_after"].values() if a.get("kind") == "User"]
        price = int(step["oracle"]["price_1e6"])
        for account in changed[:2]:
            if "data_zb64" not in account:
                continue
            world = World(
                perp_markets=of_kind["PerpMarket"],
                spot_markets=of_kind["SpotMarket"],
                user=account_bytes(account),
                perp_prices={0: price},
                spot_prices={0: 10**6, 1: price},
                now=step["clock"]["unix_timestamp"],
            )
            unsettled = any(
                margin.funding_pnl(p, world.valuation.perp_markets[0])
                for p in world.account.perp_positions
            )
            compare_recorded(world, slack=1 if unsettled else 0)
            compared += 1
    assert compared > 0 or name == "boot"


def compare_recorded(world, slack):
    """Without the strict figures, for which the reference reads this machine's clock."""
    account, valuation, reference = world.account, world.valuation, world.user
    for own, theirs in CATEGORIES.items():
        near(
            margin.total_collateral(account, valuation, own),
            reference.get_total_collateral(theirs),
            slack,
        )
        near(
            margin.margin_requirement(account, valuation, own),
            reference.get_margin_requirement(theirs),
        )
    if slack == 0:
        assert margin.leverage(account, valuation) == reference.get_leverage()
        assert margin.health(account, valuation) == reference.get_health()
        own = margin.liquidation_price(account, valuation, 0)
        assert (-1 if own is None else own) == reference.get_perp_liq_price(0)
    for position in reference.get_active_spot_positions():
        market = reference.get_spot_market_account(position.market_index)
        amount = token_amount(
            position.scaled_balance,
            valuation.spot_markets[position.market_index],
            type(position.balance_type).__name__.rsplit(".", 1)[-1],
        )
        assert amount == get_token_amount(position.scaled_balance, market, position.balance_type)
    for position in reference.get_active_perp_positions():
        own = account.perp_position(position.market_index)
        assert margin.entry_price(own) == int(calculate_entry_price(position))


def test_unrealised_profit_counts_less_while_the_pool_is_short():
    def collateral(**values):
        world = World(
            perp_markets=[perp_market(0, ORACLES[0], **values)],
            spot_markets=[quote_market()],
            user=user(
                spot=[],
                perp=[{"market_index": 0, "base_asset_amount": 10**9, "quote_asset_amount": 0}],
            ),
            perp_prices={0: 100 * 10**6},
            spot_prices={0: 10**6},
        )
        compare_collateral(world)
        return margin.total_collateral(world.account, world.valuation, MarginCategory.INITIAL)

    def compare_collateral(world):
        theirs = world.user.get_total_collateral(TheirCategory.INITIAL)
        own = margin.total_collateral(world.account, world.valuation, MarginCategory.INITIAL)
        # The reference's weight keeps a fraction; ours is whole, so at most one unit of 1e4 less.
        assert 0 <= theirs - own <= 100 * 10**6 // 10_000

    owed = {"amm__base_asset_amount_with_amm": 10**10, "unrealized_pnl_max_imbalance": 300 * 10**6}
    assert collateral(unrealized_pnl_max_imbalance=300 * 10**6) == 100 * 10**6
    assert collateral(**owed) == 30 * 10**6
    assert collateral(**owed, pnl_pool__scaled_balance=700 * 10**9) == 100 * 10**6


def one_position(base, quote, deposit, **values):
    return trading_world(
        spot=[{"market_index": 0, "scaled_balance": deposit * 1000}],
        perp=[{"market_index": 0, "base_asset_amount": base, "quote_asset_amount": quote}],
        **values,
    )


def test_the_liquidation_price_is_where_maintenance_margin_is_used_up():
    world = one_position(10**9, -150 * 10**6, 15 * 10**6)
    price = margin.liquidation_price(world.account, world.valuation, 0)
    # 15 of collateral, 1 long at 150, 5 %: 15 - (150 - p) = 0.05 p
    assert price == 142_105_264
    world.valuation.perp_prices[0] = price - 1_000
    assert margin.can_be_liquidated(
        world.account, world.valuation, liquidation_margin_buffer_ratio=0
    )
    world.valuation.perp_prices[0] = price + 1_000
    assert not margin.can_be_liquidated(
        world.account, world.valuation, liquidation_margin_buffer_ratio=0
    )
    assert margin.health(world.account, world.valuation) == 0


def test_an_account_without_risk_has_full_health_and_no_liquidation_price():
    world = trading_world(spot=[{"market_index": 0, "scaled_balance": 10**12}], perp=[])
    assert margin.health(world.account, world.valuation) == 100
    assert margin.leverage(world.account, world.valuation) == 0
    assert margin.liquidation_price(world.account, world.valuation, 0) is None
    empty = trading_world(spot=[], perp=[])
    assert margin.leverage(empty.account, empty.valuation) == 0
    assert margin.free_collateral(empty.account, empty.valuation, MarginCategory.INITIAL) == 0


def test_an_account_in_liquidation_needs_the_buffer_to_get_out():
    world = one_position(10**9, -150 * 10**6, 8 * 10**6, status=1)
    assert margin.health(world.account, world.valuation) == 0
    asked = {"liquidation_margin_buffer_ratio": 200}
    assert margin.can_be_liquidated(world.account, world.valuation, **asked)
    calm = one_position(10**9, -150 * 10**6, 8 * 10**6)
    assert not margin.can_be_liquidated(calm.account, calm.valuation, **asked)
