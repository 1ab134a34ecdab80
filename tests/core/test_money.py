"""What people type is read in one way or refused; what is shown keeps its sign and its places."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.money import (
    by_step,
    dollars,
    parse_amount,
    plain,
    round_down,
    round_to,
    round_up,
    signed,
)

_AMOUNTS = st.decimals(
    min_value=Decimal("1e-18"), max_value=Decimal("999999999999999999"), places=18
)
_STEPS = st.sampled_from([Decimal(step) for step in ("1", "0.1", "0.01", "0.0001", "5", "0.25")])
_SMALL = st.decimals(min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=9)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("0.5", "0.5"), ("1500", "1500"), (".5", "0.5"), (" 2 ", "2"), ("007", "7"),
        ("0.000000000000000001", "1e-18"), ("999999999999999999", "999999999999999999"),
        ("\n3\t", "3"),
    ],
)  # fmt: skip
def test_a_plain_number_is_read_exactly(typed, amount):
    assert parse_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "amount.empty"), ("   ", "amount.empty"), ("\u00a0", "amount.empty"),
        ("0", "amount.not_positive"), ("0.000", "amount.not_positive"),
        (".0", "amount.not_positive"), ("-1", "amount.not_positive"),
        ("-0.5", "amount.not_positive"), ("-0", "amount.not_positive"),
        ("NaN", "amount.not_a_number"), ("sNaN", "amount.not_a_number"),
        ("Infinity", "amount.not_a_number"), ("-inf", "amount.not_a_number"),
        ("1e9", "amount.not_a_number"), ("1E9", "amount.not_a_number"),
        ("0x10", "amount.not_a_number"), ("1_000", "amount.not_a_number"),
        ("1 000", "amount.not_a_number"), ("+1", "amount.not_a_number"),
        ("1.", "amount.not_a_number"), (".", "amount.not_a_number"),
        ("1.2.3", "amount.not_a_number"), ("--1", "amount.not_a_number"),
        ("٣", "amount.not_a_number"), ("\uff11\uff12", "amount.not_a_number"),
        ("½", "amount.not_a_number"), ("²", "amount.not_a_number"), ("१.५", "amount.not_a_number"),
        ("<b>1</b>", "amount.not_a_number"), ("1\n2", "amount.not_a_number"),
        ("1;DROP TABLE users", "amount.not_a_number"), ("$5", "amount.not_a_number"),
        ("1\x00", "amount.not_a_number"), ("1\u200b", "amount.not_a_number"),
        ("1" * 19, "amount.not_a_number"), ("9" * 5000, "amount.not_a_number"),
        ("0." + "1" * 19, "amount.not_a_number"), ("1,5,5", "amount.not_a_number"),
        ("1,5", "amount.comma"), ("1,000", "amount.comma"), (",5", "amount.comma"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_in_one_way_only_is_refused(typed, code):
    with pytest.raises(Refused) as caught:
        parse_amount(typed)

    assert caught.value.code == code
    assert all(len(str(value)) <= 41 for value in caught.value.params.values())


def test_a_comma_is_answered_with_what_was_perhaps_meant():
    with pytest.raises(Refused) as caught:
        parse_amount("1,5")

    assert caught.value.params["suggestion"] == "1.5"


@given(_AMOUNTS)
def test_every_amount_is_read_back_from_its_plain_text(amount):
    assert parse_amount(plain(amount)) == amount


@given(st.text(max_size=60))
def test_any_text_is_an_amount_above_zero_or_refused(text):
    try:
        amount = parse_amount(text)
    except Refused:
        return
    assert amount > 0
    assert amount.is_finite()
    assert text.strip().isascii()


@given(_SMALL, _STEPS)
def test_rounding_goes_to_a_multiple_of_the_step_and_less_than_a_step_away(value, step):
    down, up = round_down(value, step), round_up(value, step)

    assert down % step == up % step == 0
    assert abs(down) <= abs(value) <= abs(up)
    assert abs(value - down) < step
    assert abs(up - value) < step


@pytest.mark.parametrize(
    ("value", "rounding", "rounded"),
    [("0.129", ROUND_DOWN, "0.12"), ("-0.129", ROUND_DOWN, "-0.12"), ("0.121", ROUND_UP, "0.13")],
)
def test_rounding_is_always_named(value, rounding, rounded):
    assert round_to(Decimal(value), Decimal("0.01"), rounding) == Decimal(rounded)


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        ("0.50", None, "0.5"), ("1500", None, "1500"), ("1E+3", None, "1000"),
        ("1e-18", None, "0.000000000000000001"), ("0.000", None, "0"), ("-0.0", None, "0"),
        ("1234567.891", 2, "1,234,567.89"), ("0.005", 2, "0.00"), ("0.015", 2, "0.02"),
        ("-0.004", 2, "0.00"), ("-1234.5", 1, "-1,234.5"), ("100", 0, "100"),
    ],
)  # fmt: skip
def test_amounts_are_shown_without_exponents(value, places, shown):
    assert plain(Decimal(value), places) == shown


@pytest.mark.parametrize(
    ("value", "step", "shown"),
    [
        ("1.5", "0.01", "1.50"), ("1.5", "0.10", "1.5"), ("1234", "1", "1,234"), ("7", "10", "7"),
        ("0.1", None, "0.10"),
    ],
)  # fmt: skip
def test_sizes_and_prices_have_the_places_of_their_step(value, step, shown):
    assert by_step(Decimal(value), Decimal(step) if step else None) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1.2", "+1.20"), ("-0.05", "-0.05"), ("0", "0.00"), ("0.001", "0.00"), ("-0.001", "0.00"),
     ("1234.5", "+1,234.50")],
)  # fmt: skip
def test_a_gain_or_a_loss_always_shows_its_sign(value, shown):
    assert signed(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1234.5", "$1,234.50"), ("-3", "-$3.00"), ("0", "$0.00"), ("-0.001", "$0.00")],
)
def test_dollars_keep_their_sign_in_front(value, shown):
    assert dollars(Decimal(value)) == shown


@given(_SMALL)
def test_what_is_shown_of_an_amount_is_its_rounded_value(value):
    shown = Decimal(plain(value, 4).replace(",", ""))

    assert abs(shown - value) <= Decimal("0.00005")
