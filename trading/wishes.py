"""What people ask for, and the words in which each kind of order is told apart. Pure."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.errors import Refused
from core.money import plain
from trading.enums import Direction
from trading.venues.base import Venue, VenueCapability

C = VenueCapability

ORDER_TYPES = frozenset(
    {C.MARKET, C.LIMIT, C.STOP_MARKET, C.STOP_LIMIT, C.TAKE_PROFIT_MARKET, C.TAKE_PROFIT_LIMIT}
)
STOPS = frozenset({C.STOP_MARKET, C.STOP_LIMIT})
TARGETS = frozenset({C.TAKE_PROFIT_MARKET, C.TAKE_PROFIT_LIMIT})
TRIGGERS = STOPS | TARGETS
# What they set off takes the price that the venue finds then.
TRIGGERED_MARKET = frozenset({C.STOP_MARKET, C.TAKE_PROFIT_MARKET})
PRICED = frozenset({C.LIMIT, C.STOP_LIMIT, C.TAKE_PROFIT_LIMIT})


@dataclass(frozen=True, slots=True)
class OrderWish:
    """What a person asks for: exactly one of size (base), notional (quote), percent is given.

    `percent` closes that part of the position (reduce-only always). Of what reduces, `side` is
    what is held: it is told to the venue the other way round.
    `flip` turns the position: it is closed and, with the same order, `size` (or as much as was
    held) is opened on `side`. `slippage` is in percent; None is the person's own setting.
    `max_leverage` tightens the person's own limit for this order alone.
    `expires_in` None lets a resting order rest until it is cancelled. `stop_loss` and
    `take_profit` are trigger prices of a bracket around the entry.
    """

    deployment: str
    symbol: str
    side: str
    size: Decimal | None = None
    notional: Decimal | None = None
    percent: Decimal | None = None
    max_leverage: Decimal | None = None
    order_type: str = "market"
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    post_only: bool = False
    immediate_or_cancel: bool = False
    reduce_only: bool = False
    oracle_offset: Decimal | None = None
    expires_in: timedelta | None = None
    slippage: Decimal | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    flip: bool = False

    @property
    def reduces(self) -> bool:
        return self.reduce_only or self.percent is not None

    @property
    def rests(self) -> bool:
        """Whether it waits at the venue for its price; a taker fills soon or not at all."""
        return self.order_type != C.MARKET and not self.immediate_or_cancel

    @property
    def has_bracket(self) -> bool:
        return self.stop_loss is not None or self.take_profit is not None

    @property
    def legs(self) -> int:
        return 1 + (self.stop_loss is not None) + (self.take_profit is not None)


@dataclass(frozen=True, slots=True)
class ChangeWish:
    """What is to become of a resting order; None leaves as it is.

    `size` is the whole size of the order, what has been filled of it included.
    """

    size: Decimal | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    oracle_offset: Decimal | None = None
    expires_at: datetime | None = None

    def told(self) -> dict[str, str]:
        """The fields that change, as text."""
        fields = ("size", "price", "trigger_price", "oracle_offset")
        told = {name: plain(value) for name in fields if (value := getattr(self, name)) is not None}
        if self.expires_at is not None:
            told["expires_at"] = self.expires_at.isoformat()
        return told


def check_wish(*, wish: OrderWish, venue: Venue) -> None:
    """Raises Refused for what contradicts itself, and for what the venue has no instruction for."""
    if wish.order_type not in ORDER_TYPES:
        raise Refused("order.type_unknown", type=wish.order_type[:30])
    for needed in _needed_of(wish):
        if needed not in venue.capabilities:
            raise Refused("order.type_not_supported", type=str(needed), venue=venue.display_name)
    _check_prices(wish)
    if wish.post_only and (wish.order_type != C.LIMIT or wish.immediate_or_cancel):
        other = "IOC" if wish.immediate_or_cancel else _told_type(wish)
        raise Refused("order.flags_contradict", first="post-only", second=other)
    if wish.immediate_or_cancel and wish.order_type not in (C.MARKET, C.LIMIT):
        raise Refused("order.flags_contradict", first="IOC", second=_told_type(wish))
    if wish.has_bracket and wish.reduces:
        raise Refused("order.flags_contradict", first="reduce-only", second="stops of its own")
    if wish.flip and (wish.reduces or wish.rests or wish.notional is not None):
        raise Refused("order.flags_contradict", first="flip", second=_told_type(wish))
    if wish.expires_in is not None and not timedelta(0) < wish.expires_in <= timedelta(days=90):
        raise Refused("order.expiry_out_of_range", days=90)
    if wish.expires_in is not None and wish.order_type in TRIGGERS:
        # No venue takes one off that still waits for its trigger: it would fire all the same.
        raise Refused("order.stops_do_not_expire", type=_told_type(wish))
    if wish.expires_in is not None and not wish.rests:
        raise Refused("order.flags_contradict", first="expiry", second=_told_type(wish))


def _needed_of(wish: OrderWish) -> list[VenueCapability]:
    needed = [VenueCapability(wish.order_type)]
    flags = {
        C.ORACLE_OFFSET: wish.oracle_offset is not None,
        C.POST_ONLY: wish.post_only,
        C.IMMEDIATE_OR_CANCEL: wish.immediate_or_cancel,
        C.REDUCE_ONLY: wish.reduces,
        C.EXPIRY: wish.expires_in is not None,
        C.STOP_MARKET: wish.stop_loss is not None,
        C.TAKE_PROFIT_MARKET: wish.take_profit is not None,
    }
    return needed + [capability for capability, is_asked in flags.items() if is_asked]


def _check_prices(wish: OrderWish) -> None:
    given = (wish.price, wish.trigger_price, wish.stop_loss, wish.take_profit, wish.slippage)
    for price in given:
        if price is not None and not (price.is_finite() and price > 0):
            raise Refused("order.price_not_positive")
    if wish.oracle_offset is not None:
        if not wish.oracle_offset.is_finite():
            raise Refused("order.price_not_positive")
        if wish.order_type != C.LIMIT or wish.price is not None:
            raise Refused("order.flags_contradict", first="oracle offset", second="a fixed price")
    needs_price = wish.order_type in PRICED and wish.oracle_offset is None
    if needs_price != (wish.price is not None):
        raise Refused(
            "order.price_missing" if needs_price else "order.price_unwanted", type=_told_type(wish)
        )
    if (wish.order_type in TRIGGERS) != (wish.trigger_price is not None):
        raise Refused(
            "order.trigger_missing" if wish.trigger_price is None else "order.trigger_unwanted",
            type=_told_type(wish),
        )


def _told_type(wish: OrderWish) -> str:
    return wish.order_type.replace("_", " ")


def opposite(direction: str) -> str:
    return Direction.SELL if direction == Direction.BUY else Direction.BUY


def wish_content(wish: OrderWish) -> dict[str, str]:
    """The wish as the content of an intent: every field that was given, in one form."""
    content = {"deployment": wish.deployment, "symbol": wish.symbol.upper(), "side": wish.side}
    content["order_type"] = wish.order_type
    for name in (
        "percent", "max_leverage", "price", "trigger_price", "oracle_offset", "slippage",
        "stop_loss", "take_profit",
    ):  # fmt: skip
        value: Decimal | None = getattr(wish, name)
        content[name] = "" if value is None else plain(value)
    flags = ("post_only", "immediate_or_cancel", "reduce_only", "flip")
    content["flags"] = " ".join(name for name in flags if getattr(wish, name))
    expires = wish.expires_in
    content["expires_in"] = "" if expires is None else str(int(expires.total_seconds()))
    return content


def derived_key(parent: uuid.UUID, *parts: object) -> str:
    """The key of an act that another act brings with it: the same parts, the same act."""
    return "/".join((str(parent), *map(str, parts)))
