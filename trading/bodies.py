"""Bodies of orders and of their changes over REST, in the words of CCXT."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from core.rest.fields import AmountField, Body, SignedAmountField
from trading.serializers import symbol_field, venue_field
from trading.wishes import ORDER_TYPES

_LONGEST_LIFE = int(timedelta(days=90).total_seconds())


class OrderBody(Body):
    """An order. One of `amount` (in the base asset) and `cost` (in the quote) is given.

    With `flip` the position is turned by one order; without an amount, to as much as was held.
    `stopLoss` and `takeProfit` become orders of their own, whose `parent` is this one.
    """

    venue = venue_field()
    symbol = symbol_field()
    type = serializers.ChoiceField(choices=sorted(ORDER_TYPES), default="market")
    side = serializers.ChoiceField(choices=("buy", "sell"))
    amount = AmountField(required=False, help_text="In the base asset.")
    cost = AmountField(required=False, help_text="In the quote asset.")
    price = AmountField(required=False, help_text="The limit of limit, stop_limit, …")
    triggerPrice = AmountField(required=False, help_text="Of stops and take profits.")
    oracleOffset = SignedAmountField(
        required=False, help_text="Of a limit without a price: its distance from the oracle's."
    )
    timeInForce = serializers.ChoiceField(choices=("GTC", "IOC"), default="GTC")
    postOnly = serializers.BooleanField(default=False)
    reduceOnly = serializers.BooleanField(default=False)
    flip = serializers.BooleanField(default=False)
    expiresIn = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=_LONGEST_LIFE,
        help_text="Seconds that it rests for; without it, until it is cancelled.",
    )
    slippage = AmountField(required=False, help_text="In percent; else the person's own setting.")
    stopLoss = AmountField(required=False, help_text="Its trigger price.")
    takeProfit = AmountField(required=False, help_text="Its trigger price.")
    maxLeverage = AmountField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = ("amount" in attrs) + ("cost" in attrs)
        if given == 2 or (given == 0 and not attrs["flip"]):
            raise serializers.ValidationError({"amount": ["Give one of amount and cost."]})
        return attrs


class ModifyBody(Body):
    """What is to become of a resting order; what is left out stays as it is."""

    amount = AmountField(
        required=False, help_text="Its whole size, with what has been filled of it."
    )
    price = AmountField(required=False)
    triggerPrice = AmountField(required=False)
    oracleOffset = SignedAmountField(required=False)
    expiresAt = serializers.DateTimeField(required=False)


class CancelBody(Body):
    """Orders of one venue, cancelled in one message."""

    orders = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=32)


class CancelAllBody(Body):
    """All orders, or those of a venue, or those of a market."""

    venue = venue_field(required=False)
    symbol = symbol_field(required=False)


class StopsBody(Body):
    """Trigger prices that guard a position; what is left out stays as it is."""

    stopLoss = AmountField(required=False)
    takeProfit = AmountField(required=False)


class NothingBody(Body):
    """An empty object."""


class CodeBody(Body):
    """A code of the person's authenticator; each is used once."""

    code = serializers.CharField(max_length=20, trim_whitespace=True)
