"""Ticks and steps: never beyond what a person allowed, never nothing, and the nearest is named."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from core.money import round_down, round_up
from tests.trading.test_risk import CLOSING, OPENING, changed, denied
from trading.paper import pricing
from trading.services.preview_order import as_ordered
from trading.wishes import OrderWish

D = Decimal

_TICKS = st.sampled_from(["0.0001", "0.001", "0.01", "0.05", "0.1", "0.25", "1", "5"]).map(D)
_STEPS = st.sampled_from(["0.0001", "0.001", "0.01", "0.1", "1", "10", "0.5"]).map(D)
# With more places than any tick has.
_PRICES = st.decimals("0.00001", "200000", places=7, allow_nan=False, allow_infinity=False)
_SIZES = st.decimals("0.0000001", "100000", places=9, allow_nan=False, allow_infinity=False)
_SLIPPAGES = st.decimals("0.01", "5", places=2, allow_nan=False, allow_infinity=False)


def is_multiple(value: Decimal, unit: Decimal) -> bool:
    return (Fraction(value) / Fraction(unit)).denominator == 1


@given(size=_SIZES, step=_STEPS, least=_SIZES)
def test_a_size_is_taken_on_its_step_or_the_nearest_that_would_be_taken_is_named(size, step, least):
    market = {"step_size": step, "min_order_size": least}
    told = denied(changed(OPENING, size=size, market=market))
    if is_multiple(size, step):
        assert "size_off_step" not in told
        return
    nearest = D(told["size_off_step"]["nearest"])
    assert nearest > 0
    assert is_multiple(nearest, step)
    # At most what was asked for, but for what would be too little.
    assert nearest <= size or nearest == round_up(least, step)
    again = denied(changed(OPENING, size=nearest, market=market))
    assert again.keys().isdisjoint({"size_off_step", "size_too_small"})


@given(size=_SIZES, step=_STEPS, steps_held=st.integers(1, 10**6))
def test_the_nearest_size_of_a_close_is_never_more_than_is_held(size, step, steps_held):
    held = step * steps_held
    assume(not is_multiple(size, step))
    facts = changed(
        CLOSING, size=size, market={"step_size": step, "min_order_size": step},
        quote={"position_size": held},
    )  # fmt: skip
    nearest = D(denied(facts)["size_off_step"]["nearest"])
    assert 0 < nearest <= held
    assert is_multiple(nearest, step)
    again = denied(changed(facts, size=nearest))
    assert again.keys().isdisjoint({"size_off_step", "size_too_small", "would_increase"})


@given(price=_PRICES, tick=_TICKS, field=st.sampled_from(["price", "trigger_price", "stop_loss"]))
def test_a_price_off_its_tick_is_refused_with_the_nearest_one(price, tick, field):
    told = denied(replace(changed(OPENING, market={"tick_size": tick}), **{field: price}))
    if is_multiple(price, tick):
        assert "price_off_tick" not in told
        return
    assert D(told["price_off_tick"]["price"]) == price
    nearest = D(told["price_off_tick"]["nearest"])
    assert nearest > 0
    assert is_multiple(nearest, tick)
    assert abs(nearest - price) <= tick / 2 or nearest == tick


@given(notional=_PRICES, price=_PRICES, step=_STEPS)
def test_an_amount_of_money_never_buys_for_more_than_it(notional, price, step):
    size = round_down(notional / price, step)
    assert is_multiple(size, step)
    assert Fraction(size) * Fraction(price) <= Fraction(notional) * (1 + Fraction(1, 10**20))


@given(mark=_PRICES, slippage=_SLIPPAGES, tick=_TICKS, size=_SIZES, buys=st.booleans())
def test_a_worst_price_on_paper_is_within_the_slippage_and_on_the_tick(
    mark, slippage, tick, size, buys
):
    from tests.trading.paper_table import TERMS
    from trading.paper.reporting import _worst

    assume(mark > tick * 100)
    expected = pricing.taker_price(mark=mark, buys=buys, size=size, tick=tick)
    worst = _worst(expected, slippage, replace(TERMS[0], tick=tick), buys=buys)
    share = Fraction(slippage) / 100
    assert worst > 0
    assert is_multiple(worst, tick)
    if buys:
        assert Fraction(worst) <= Fraction(expected) * (1 + share)
    else:
        assert Fraction(worst) >= Fraction(expected) * (1 - share)


@given(price=_PRICES, trigger=_PRICES, tick=_TICKS, direction=st.sampled_from(["long", "short"]))
def test_a_price_that_a_person_wrote_is_never_changed(price, trigger, tick, direction):
    for kind, extra in (("limit", {}), ("stop_limit", {"trigger_price": trigger})):
        wish = OrderWish(
            deployment="hand", symbol="SOL", side=direction, size=D(1), order_type=kind,
            price=price, **extra,
        )  # fmt: skip
        assert as_ordered(wish=wish, quote=OPENING.quote, tick=tick).worst_price == price


@given(trigger=_PRICES, tick=_TICKS, away=st.decimals("-0.2", "0.2", places=4))
def test_what_a_trigger_is_told_to_cost_is_a_price(trigger, tick, away):
    quote = replace(OPENING.quote, worst_price=OPENING.quote.expected_price * (1 + away))
    wish = OrderWish(
        deployment="hand", symbol="SOL", side="long", size=D(1), order_type="stop_market",
        trigger_price=trigger,
    )  # fmt: skip
    told = as_ordered(wish=wish, quote=quote, tick=tick)
    assert told.worst_price > 0
    assert is_multiple(told.worst_price, tick)
    assert told.expected_price == trigger


@given(raw=_PRICES, tick=_TICKS, buys=st.booleans(), slippage=_SLIPPAGES)
def test_a_venues_worst_price_never_crosses_what_the_person_allowed(raw, tick, buys, slippage):
    from types import SimpleNamespace

    from drift.quoting import _worst_price
    from drift.units import PRICE_PLACES, to_units

    expected = raw.quantize(D("0.000001"))
    assume(expected > tick * 100)
    market = SimpleNamespace(order_tick_size=to_units(tick, PRICE_PLACES))
    worst = _worst_price(expected, slippage, market, buys=buys)
    share = Fraction(slippage) / 100
    assert worst > 0
    assert is_multiple(worst, tick)
    if buys:
        assert Fraction(worst) <= Fraction(expected) * (1 + share)
    else:
        assert Fraction(worst) >= Fraction(expected) * (1 - share)


def test_a_size_below_the_step_of_any_market_is_refused_and_not_rounded_to_nothing():
    facts = changed(OPENING, size=D("0.0000001"))
    assert denied(facts)["size_off_step"]["nearest"] == "0.05"
