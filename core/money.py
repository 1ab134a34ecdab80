"""Decimals at the edge: what people type, and how amounts, prices and signs are shown."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Decimal

from core.errors import Refused

# Plain ASCII digits only: \d would also take other scripts' digits, which Decimal reads as numbers.
_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?|\.[0-9]{1,18}", re.ASCII)
ZERO = Decimal(0)


def parse_amount(text: str) -> Decimal:
    """The positive decimal that a person typed, such as `0.5` or `1500`.

    Raises Refused: amount.empty, amount.comma, amount.not_a_number, amount.not_positive.
    Exponents, signs, spaces inside, infinities and digits of other scripts are no amounts: what
    cannot be read in one way only must not move money.
    """
    typed = text.strip()
    if not typed:
        raise Refused("amount.empty")
    if "," in typed and _NUMBER.fullmatch(typed.replace(",", ".", 1)):
        raise Refused("amount.comma", typed=typed[:40], suggestion=typed.replace(",", ".", 1))
    if typed.startswith("-") and _NUMBER.fullmatch(typed[1:]):
        raise Refused("amount.not_positive", typed=typed[:40])
    if not _NUMBER.fullmatch(typed):
        raise Refused("amount.not_a_number", typed=typed[:40])
    amount = Decimal(typed)
    if amount <= 0:
        raise Refused("amount.not_positive", typed=typed[:40])
    return amount


def round_to(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    """`value` as a whole multiple of `step`; `rounding` is one of decimal's names."""
    return (value / step).to_integral_value(rounding=rounding) * step


def round_down(value: Decimal, step: Decimal) -> Decimal:
    return round_to(value, step, ROUND_DOWN)


def round_up(value: Decimal, step: Decimal) -> Decimal:
    return round_to(value, step, ROUND_UP)


def plain(value: Decimal, places: int | None = None) -> str:
    """Without exponent and trailing zeros: `0.5`, `1500`; with `places`, exactly that many."""
    if places is not None:
        value = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
        return f"{value:,f}" if value else f"{abs(value):f}"
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def by_step(value: Decimal, step: Decimal | None) -> str:
    """A size or a price with as many places as its step or tick has, thousands apart."""
    places = max(0, -int(step.normalize().as_tuple().exponent)) if step else 2
    return plain(value, places)


def signed(value: Decimal, places: int = 2) -> str:
    """A gain or loss, its sign always shown: `+1.20`, `-0.05`, `0.00`."""
    shown = plain(value, places)
    return f"+{shown}" if Decimal(shown.replace(",", "")) > 0 else shown


def dollars(value: Decimal, places: int = 2) -> str:
    """`$1,234.50`; a negative amount keeps its sign in front."""
    shown = plain(value, places)
    return f"-${shown[1:]}" if shown.startswith("-") else f"${shown}"


def signed_dollars(value: Decimal) -> str:
    """A gain or loss in money, its sign always shown: `+$1.20`, `-$0.05`, `$0.00`."""
    shown = signed(value)
    return f"{shown[0]}${shown[1:]}" if shown[0] in "+-" else f"${shown}"
