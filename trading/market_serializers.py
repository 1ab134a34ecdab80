"""Answers about markets over REST, in the words of CCXT."""

from typing import Any

from rest_framework import serializers

from core.rest.fields import DecimalText
from trading.venues.base import VenueCapability, get_venue
from trading.wishes import ORDER_TYPES

# A field of an order's body, and what the venue needs for it.
_ORDER_OPTIONS = {
    "timeInForce": VenueCapability.IMMEDIATE_OR_CANCEL,
    "postOnly": VenueCapability.POST_ONLY,
    "reduceOnly": VenueCapability.REDUCE_ONLY,
    "expiresIn": VenueCapability.EXPIRY,
    "oracleOffset": VenueCapability.ORACLE_OFFSET,
    "stopLoss": VenueCapability.STOP_MARKET,
    "takeProfit": VenueCapability.TAKE_PROFIT_MARKET,
}


class MarketSerializer(serializers.Serializer[Any]):
    """A market, what orders its venue takes, and its last price."""

    id = serializers.UUIDField()
    symbol = serializers.CharField()
    venue = serializers.CharField(source="deployment")
    base = serializers.CharField(source="base_asset")
    quote = serializers.CharField(source="quote_asset")
    status = serializers.CharField()
    orderTypes = serializers.SerializerMethodField(help_text="What `type` of an order may be.")
    orderOptions = serializers.SerializerMethodField(
        help_text="Which of an order's other fields the venue has something for."
    )
    priceStep = DecimalText(source="tick_size")
    amountStep = DecimalText(source="step_size")
    minAmount = DecimalText(source="min_order_size")
    maxLeverage = DecimalText(source="max_leverage")
    price = DecimalText(allow_null=True)
    priceAgeSeconds = DecimalText(source="price_age_seconds", allow_null=True)

    def get_orderTypes(self, market: Any) -> list[str]:
        return sorted(get_venue(market.deployment).capabilities & ORDER_TYPES)

    def get_orderOptions(self, market: Any) -> list[str]:
        known = get_venue(market.deployment).capabilities
        return sorted(name for name, needed in _ORDER_OPTIONS.items() if needed in known)


class MarketsSerializer(serializers.Serializer[Any]):
    items = MarketSerializer(many=True)
