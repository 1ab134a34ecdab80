"""Amounts on cards: what moves is shown to its last place; what cannot be a part is named once."""

from decimal import Decimal

import pytest

from bot.parsing import parse_percent
from bot.texts import figures
from core.errors import Refused


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("500", "500.00 USDT"),
        ("100.129", "100.129 USDT"),
        ("9999.999999", "9,999.999999 USDT"),
        ("1000000", "1,000,000.00 USDT"),
    ],
)
def test_an_amount_that_moves_is_never_rounded(amount, shown):
    assert figures.token(Decimal(amount), "USDT", exact=True) == shown


def test_too_many_percent_are_named_with_one_sign():
    with pytest.raises(Refused) as refused:
        parse_percent("101%")
    assert refused.value.params["percent"] == "101"
