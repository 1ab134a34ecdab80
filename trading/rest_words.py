"""Between the words of REST (CCXT's) and those of the desk's services. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from trading.enums import Direction, Side
from trading.facts import Denial, OrderPreview
from trading.services.place_order import ConfirmedOrder
from trading.services.preview_order import OrderWish

_ALL = Decimal(100)


def order_wish(body: Mapping[str, Any]) -> OrderWish:
    """The wish behind a checked body; without a side it is a close, of all unless told."""
    if "side" not in body:
        return OrderWish(
            deployment=body["venue"],
            symbol=body["symbol"],
            # A close takes its side from what is held.
            side=Side.LONG,
            percent=body.get("percent") or _ALL,
        )
    return OrderWish(
        deployment=body["venue"],
        symbol=body["symbol"],
        side=Side.LONG if body["side"] == Direction.BUY else Side.SHORT,
        size=body.get("amount"),
        notional=body.get("cost"),
        max_leverage=body.get("maxLeverage"),
    )


def confirmed_order(wish: OrderWish, preview: OrderPreview) -> ConfirmedOrder:
    """A program's request is its own confirmation: of the quote that was made for it just now."""
    return ConfirmedOrder(
        wish=wish,
        direction=preview.direction,
        size=preview.size,
        worst_price=preview.quote.worst_price,
        expected_price=preview.quote.expected_price,
    )


def preview_words(preview: OrderPreview) -> dict[str, Any]:
    """A preview as its serializer takes it."""
    quote = preview.quote
    return {
        "symbol": preview.market.symbol,
        "venue": preview.market.deployment,
        "side": preview.direction,
        "amount": preview.size,
        "expectedPrice": quote.expected_price,
        "worstPrice": quote.worst_price,
        "cost": quote.notional,
        "fee": {"currency": preview.market.quote_asset, "cost": quote.fee},
        "initialMargin": quote.initial_margin,
        "liquidationPrice": quote.liquidation_price,
        "reduceOnly": preview.reduce_only,
        "slippagePercent": preview.slippage_percent,
        "denials": told_denials(preview.denials, kind="risk"),
    }


def told_denials(denials: Iterable[Denial], *, kind: str) -> list[dict[str, Any]]:
    """Each with the code that placing would be refused with."""
    return [{"code": f"{kind}.{denial.rule}", "params": denial.params} for denial in denials]
