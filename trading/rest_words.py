"""Between the words of REST (CCXT's) and those of the desk's services. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from trading.enums import Direction, Side
from trading.facts import ChangeFacts, Denial, OrderPreview
from trading.serializers import ChangeSerializer
from trading.wishes import ChangeWish, OrderWish

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
    # A desk's reducing order names what is held; a program's, what it does.
    is_long = (body["side"] == Direction.BUY) != body.get("reduceOnly", False)
    expires_in = body.get("expiresIn")
    return OrderWish(
        deployment=body["venue"],
        symbol=body["symbol"],
        side=Side.LONG if is_long else Side.SHORT,
        size=body.get("amount"),
        notional=body.get("cost"),
        max_leverage=body.get("maxLeverage"),
        order_type=body.get("type", "market"),
        price=body.get("price"),
        trigger_price=body.get("triggerPrice"),
        post_only=body.get("postOnly", False),
        immediate_or_cancel=body.get("timeInForce") == "IOC",
        reduce_only=body.get("reduceOnly", False),
        oracle_offset=body.get("oracleOffset"),
        expires_in=None if expires_in is None else timedelta(seconds=expires_in),
        slippage=body.get("slippage"),
        stop_loss=body.get("stopLoss"),
        take_profit=body.get("takeProfit"),
        flip=body.get("flip", False),
    )


def change_wish(body: Mapping[str, Any]) -> ChangeWish:
    """The wish behind a checked body of a modification."""
    return ChangeWish(
        size=body.get("amount"),
        price=body.get("price"),
        trigger_price=body.get("triggerPrice"),
        oracle_offset=body.get("oracleOffset"),
        expires_at=body.get("expiresAt"),
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
        "warnings": told_denials(preview.warnings, kind="warning"),
    }


def told_denials(denials: Iterable[Denial], *, kind: str) -> list[dict[str, Any]]:
    """Each with the code that placing would be refused with."""
    return [{"code": f"{kind}.{denial.rule}", "params": denial.params} for denial in denials]


def change_words(change: ChangeFacts) -> dict[str, Any]:
    """A change as it is told, each refusal with its stable code."""
    refusals = [{"code": said.rule, "params": said.params} for said in change.refusals]
    return ChangeSerializer(replace(change, refusals=())).data | {"refusals": refusals}
