"""Each rule of the risk check: when it denies, with which numbers, and when it is silent."""

import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.facts import MarketFacts
from trading.risk import RULES, RiskFacts, check_risk
from trading.venues.reports import Quote

D = Decimal

MARKET = MarketFacts(
    id=uuid.UUID(int=1),
    deployment="hand",
    symbol="SOL-PERP",
    base_asset="SOL",
    quote_asset="USDC",
    market_index=0,
    status="active",
    tick_size=D("0.0001"),
    step_size=D("0.01"),
    min_order_size=D("0.05"),
    max_leverage=D(20),
    price=D(100),
    price_age_seconds=D(1),
)
QUOTE = Quote(
    oracle_price=D(100),
    oracle_slot=1000,
    price_age_seconds=D(1),
    expected_price=D(100),
    worst_price=D("100.5"),
    size=D(1),
    notional=D(100),
    fee=D("0.1"),
    initial_margin=D(10),
    free_collateral=D(50),
    collateral=D(50),
    leverage_after=D(2),
    health_before=D(100),
    health_after=D(90),
    liquidation_price=None,
    open_orders=0,
    open_positions=0,
    position_side=None,
    position_size=D(0),
)
OPENING = RiskFacts(
    user_status="active",
    trading_state="active",
    market=MARKET,
    direction="buy",
    size=D(1),
    reduce_only=False,
    quote=QUOTE,
    max_leverage=D(10),
    max_trade_size_usd=None,
    trades_today=0,
    max_daily_trades=200,
    in_flight_margin=D(0),
)
CLOSING = replace(
    OPENING,
    direction="sell",
    reduce_only=True,
    quote=replace(QUOTE, position_side="long", position_size=D(1), open_positions=1),
)


def changed(facts, *, market=None, quote=None, **changes):
    return replace(
        facts,
        market=replace(facts.market, **market or {}),
        quote=replace(facts.quote, **quote or {}),
        **changes,
    )


def denied(facts):
    return {denial.rule: denial.params for denial in check_risk(facts)}


def test_an_order_that_breaks_no_rule_is_not_denied():
    assert check_risk(OPENING) == ()
    assert check_risk(CLOSING) == ()


@pytest.mark.parametrize(
    ("changes", "rule", "params"),
    [
        ({"user_status": "suspended"}, "user_not_active", {"status": "suspended"}),
        ({"user_status": "pending_verification"}, "user_not_active",
         {"status": "pending_verification"}),
        ({"trading_state": "halted"}, "trading_halted", {}),
        ({"trading_state": "halted", "is_frozen": True}, "frozen_by_you", {}),
        ({"trading_state": "reduce_only"}, "reduce_only_state", {}),
        ({"market": {"status": "maintenance"}}, "market_not_active",
         {"market": "SOL-PERP", "status": "maintenance"}),
        ({"size": D("1.005")}, "size_off_step", {"step": "0.01", "nearest": "1"}),
        ({"size": D("0.04")}, "size_too_small", {"minimum": "0.05", "unit": "SOL"}),
        ({"quote": {"price_age_seconds": D("30.6")}}, "price_stale", {"seconds": "31"}),
        ({"quote": {"worst_price": D("110.01")}}, "price_outside_band", {"percent": "10"}),
        ({"quote": {"worst_price": D("89.99")}}, "price_outside_band", {"percent": "10"}),
        ({"quote": {"worst_price": D("110.01")}, "price": D("110.01"), "order_type": "limit"},
         "price_outside_band", {"percent": "10"}),
        ({"max_trade_size_usd": D("99.99")}, "trade_too_large", {"maximum": "99.99"}),
        ({"trades_today": 200}, "daily_trades_used", {"maximum": "200"}),
        ({"quote": {"open_orders": 32}}, "too_many_orders", {"maximum": "32"}),
        ({"quote": {"open_positions": 8}}, "too_many_positions", {"maximum": "8"}),
        ({"quote": {"free_collateral": D("10.09")}}, "collateral_too_small",
         {"needed": "10.1", "free": "10.09", "token": "USDC"}),
        ({"in_flight_margin": D("39.91")}, "collateral_too_small",
         {"needed": "10.1", "free": "10.09", "token": "USDC"}),
        ({"quote": {"leverage_after": D("10.01")}}, "leverage_too_high",
         {"leverage": "10.01", "maximum": "10"}),
        ({"market": {"max_leverage": D(1)}}, "leverage_too_high",
         {"leverage": "2", "maximum": "1"}),
    ],
)  # fmt: skip
def test_each_rule_denies_with_the_numbers_that_its_text_names(changes, rule, params):
    assert denied(changed(OPENING, **changes)) == {rule: params}


@pytest.mark.parametrize(
    "changes",
    [
        {"size": D("0.05")},
        {"quote": {"price_age_seconds": D(30)}},
        {"quote": {"worst_price": D(110)}},
        {"quote": {"worst_price": D(90)}},
        # A limit that is not to rest, on the side where it can only fill better, or not at all.
        {"quote": {"worst_price": D(60)}, "price": D(60), "order_type": "limit"},
        {"max_trade_size_usd": D(100)},
        {"trades_today": 199},
        {"quote": {"open_orders": 31}},
        {"quote": {"open_positions": 8, "position_side": "long", "position_size": D(1)}},
        {"quote": {"open_positions": 7}},
        {"quote": {"free_collateral": D("10.1")}},
        {"in_flight_margin": D("39.9")},
        {"quote": {"leverage_after": D(10)}},
    ],
)
def test_at_its_limit_a_rule_is_silent(changes):
    assert check_risk(changed(OPENING, **changes)) == ()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"quote": {"position_side": None, "position_size": D(0)}}, "no_position"),
        ({"direction": "buy"}, "would_increase"),
        ({"size": D("1.01")}, "would_increase"),
        ({"direction": "sell", "quote": {"position_side": "short"}}, "would_increase"),
    ],
)
def test_reduce_only_never_increases(changes, rule):
    assert rule in denied(changed(CLOSING, **changes))


def test_what_is_left_of_a_position_may_be_closed_below_the_minimum():
    rest = {"position_size": D("0.01")}
    assert check_risk(changed(CLOSING, size=D("0.01"), quote=rest)) == ()
    part = {"position_size": D("0.06")}
    assert denied(changed(CLOSING, size=D("0.01"), quote=part)) == {
        "size_too_small": {"minimum": "0.05", "unit": "SOL"}
    }


@pytest.mark.parametrize(
    ("size", "least", "nearest"),
    [("1.019", "0.05", "1.01"), ("0.001", "0.05", "0.05"), ("0.061", "0.05", "0.06"),
     ("0.004", "0.015", "0.02")],
)  # fmt: skip
def test_the_nearest_size_is_one_that_would_be_taken(size, least, nearest):
    market = {"min_order_size": D(least)}
    params = denied(changed(OPENING, size=D(size), market=market))["size_off_step"]
    assert params == {"step": "0.01", "nearest": nearest}
    assert check_risk(changed(OPENING, size=D(nearest), market=market)) == ()


@given(
    user_status=st.sampled_from(
        ["active", "suspended", "banned", "pending_verification", "closed"]
    ),
    trading_state=st.sampled_from(["active", "reduce_only", "halted"]),
    market_status=st.sampled_from(["active", "inactive", "maintenance"]),
    age=st.integers(0, 10_000),
    worst=st.integers(1, 1000),
    trades=st.integers(0, 1000),
    orders=st.integers(0, 40),
    positions=st.integers(1, 12),
    free=st.integers(-1000, 1000),
    leverage=st.integers(0, 200),
    most=st.none() | st.integers(1, 200),
    hundredths=st.integers(5, 100),
)
def test_our_rules_never_refuse_a_close_to_anybody(
    user_status, trading_state, market_status, age, worst, trades, orders, positions, free,
    leverage, most, hundredths,
):  # fmt: skip
    facts = changed(
        CLOSING,
        user_status=user_status,
        trading_state=trading_state,
        size=D(hundredths) / 100,
        trades_today=trades,
        max_trade_size_usd=None if most is None else D(most),
        in_flight_margin=D(1000),
        market={"status": market_status},
        quote={
            "price_age_seconds": D(age),
            "worst_price": D(worst),
            "open_orders": orders,
            "open_positions": positions,
            "free_collateral": D(free),
            "leverage_after": D(leverage),
        },
    )
    assert check_risk(facts) == ()


def test_several_denials_come_in_the_order_of_the_rules():
    facts = changed(OPENING, user_status="banned", size=D("0.001"), trades_today=999)
    assert [denial.rule for denial in check_risk(facts)] == [
        "user_not_active", "size_off_step", "size_too_small", "daily_trades_used",
    ]  # fmt: skip
    assert len(RULES) == 21
