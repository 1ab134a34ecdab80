"""What a tap on Confirm does: the act exactly as its card showed it, once for the card's id."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.cards import register_card
from bot.pending import PendingAct
from core.errors import Refused
from trading.facts import OrderPreview
from trading.services import (
    cancel_all_orders,
    cancel_orders,
    close_all_positions,
    modify_order,
    panic,
    place_deposit,
    place_order,
    place_venue_withdrawal,
    set_stops,
)
from trading.services.place_order import ConfirmedOrder
from trading.wishes import ChangeWish, OrderWish

CHANNEL = "telegram"
Asked = dict[str, Any]


def place_act(*, act: PendingAct, user_id: uuid.UUID, here: int | None, now: datetime) -> uuid.UUID:
    """The id of what the act has become. Raises what the desk raises."""
    if here is not None:
        # Before the act: whatever happens after, its news find this message.
        register_card(chat_id=act.chat_id, key=act.uid, message_id=here)
    place = _PLACES.get(act.kind)
    if place is None:
        raise Refused("button.unknown")
    asked: Asked = {"user_id": user_id, "channel": CHANNEL, "key": act.uid, "now": now}
    return place(asked, act.content)


def order_content(wish: OrderWish, preview: OrderPreview) -> dict[str, Any]:
    """What is kept of an order until its tap: strings, flags and seconds, so that Decimals pass
    through Redis exactly."""
    return {
        "wish": {name: _stored(value) for name, value in asdict(wish).items()},
        "direction": preview.direction,
        "confirmed_size": str(preview.size),
        "worst_price": str(preview.quote.worst_price),
        "expected_price": str(preview.quote.expected_price),
    }


def wish_of(content: Mapping[str, Any]) -> OrderWish:
    """The wish that was kept."""
    stored: dict[str, Any] = dict(content["wish"])
    if stored["expires_in"] is not None:
        stored["expires_in"] = timedelta(seconds=stored["expires_in"])
    for name, value in stored.items():
        if isinstance(value, str) and name not in _TEXTS:
            stored[name] = Decimal(value)
    return OrderWish(**stored)


_TEXTS = ("deployment", "symbol", "side", "order_type")


def _stored(value: Any) -> Any:
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return str(value) if isinstance(value, Decimal) else value


def _order(asked: Asked, content: Mapping[str, Any]) -> uuid.UUID:
    confirmed = ConfirmedOrder(
        wish=wish_of(content),
        direction=content["direction"],
        size=Decimal(content["confirmed_size"]),
        worst_price=Decimal(content["worst_price"]),
        expected_price=Decimal(content["expected_price"]),
    )
    return place_order(**asked, confirmed=confirmed).id


def _deposit(asked: Asked, content: Mapping[str, Any]) -> uuid.UUID:
    return place_deposit(
        **asked,
        deployment=str(content["deployment"]),
        amount=Decimal(content["amount"]),
        sponsor_fee=Decimal(content["sponsor_fee"]),
        token_symbol=str(content.get("token", "")),
    ).id


def _venue_withdrawal(asked: Asked, content: Mapping[str, Any]) -> uuid.UUID:
    return place_venue_withdrawal(
        **asked,
        deployment=str(content["deployment"]),
        token_symbol=str(content["token"]),
        amount=Decimal(content["amount"]),
    ).id


def _cancel(asked: Asked, content: Mapping[str, Any]) -> uuid.UUID:
    return cancel_orders(**asked, order_ids=[uuid.UUID(key) for key in content["order_ids"]]).id


def _cancel_all(asked: Asked, content: Mapping[str, Any]) -> uuid.UUID:
    return cancel_all_orders(**asked, symbol=content["symbol"]).id


def _modify(asked: Asked, content: Mapping[str, Any]) -> uuid.UUID:
    numbers: dict[str, Any] = {name: Decimal(value) for name, value in content["change"].items()}
    order_id = uuid.UUID(content["order_id"])
    return modify_order(**asked, order_id=order_id, change=ChangeWish(**numbers)).id


def _stops(asked: Asked, content: Mapping[str, Any]) -> uuid.UUID:
    return set_stops(
        **asked,
        deployment=content["deployment"],
        symbol=content["symbol"],
        stop_loss=_number(content["stop_loss"]),
        take_profit=_number(content["take_profit"]),
    ).id


def _close_all(asked: Asked, _: Mapping[str, Any]) -> uuid.UUID:
    return close_all_positions(**asked).id


def _panic(asked: Asked, _: Mapping[str, Any]) -> uuid.UUID:
    return panic(**asked).id


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


_PLACES: dict[str, Callable[[Asked, Mapping[str, Any]], uuid.UUID]] = {
    "order": _order,
    "deposit": _deposit,
    "venue_withdrawal": _venue_withdrawal,
    "cancel": _cancel,
    "cancel_all": _cancel_all,
    "modify": _modify,
    "stops": _stops,
    "close_all": _close_all,
    "panic": _panic,
}
