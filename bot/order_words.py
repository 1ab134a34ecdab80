"""What people type of an order after /long and /short; what can be read in two ways is refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.parsing import (
    LARGEST_LEVERAGE,
    is_symbol,
    parse_percent,
    parse_size,
    split_words,
)
from core.errors import Refused
from core.money import parse_amount

ORDER_USAGE = (
    "Write it like /long sol 0.5, /long sol $100 5x sl 130 tp 170, /short btc 0.01 limit 70000, "
    "/long sol 1 stop 160. /help orders tells all of it."
)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class OrderWords:
    """What was said of an order; at most one of size and notional. Times and prices as typed."""

    symbol: str | None = None
    size: Decimal | None = None
    notional: Decimal | None = None
    leverage: Decimal | None = None
    limit: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    offset: Decimal | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    slippage: Decimal | None = None
    expires_in: timedelta | None = None
    post_only: bool = False
    immediate_or_cancel: bool = False
    reduce_only: bool = False
    flip: bool = False

    @property
    def has_size(self) -> bool:
        return self.size is not None or self.notional is not None

    def wished(self) -> dict[str, Any]:
        """The words as fields of a wish. Raises Refused where they contradict each other."""
        if self.stop is not None and self.target is not None:
            raise Refused("order.flags_contradict", first="stop", second="target")
        kind = "market"
        if self.stop is not None:
            kind = "stop_limit" if self.limit is not None else "stop_market"
        elif self.target is not None:
            kind = "take_profit_limit" if self.limit is not None else "take_profit_market"
        elif self.limit is not None or self.offset is not None:
            kind = "limit"
        return {
            "size": self.size,
            "notional": self.notional,
            "max_leverage": self.leverage,
            "order_type": kind,
            "price": self.limit,
            "trigger_price": self.stop if self.stop is not None else self.target,
            "oracle_offset": self.offset,
            "stop_loss": self.stop_loss,
            "take_profit": self.take_profit,
            "slippage": self.slippage,
            "expires_in": self.expires_in,
            "post_only": self.post_only,
            "immediate_or_cancel": self.immediate_or_cancel,
            "reduce_only": self.reduce_only,
            "flip": self.flip,
        }


def parse_order(text: str, *, symbol: str | None = None) -> OrderWords:
    """`sol 100 5x limit 148 sl 130`; with `symbol` given, the rest alone. Raises Refused."""
    said = OrderWords(symbol=symbol)
    words = iter(split_words(text.replace("=", " ").replace("@", " @ "), ORDER_USAGE))
    for word in words:
        said = _read(said, word, words)
    return said


def _read(said: OrderWords, word: str, rest: Iterator[str]) -> OrderWords:
    name, _, attached = word.lower().partition(":")
    if name in _VALUES:
        field, parse = _VALUES[name]
        if getattr(said, field) is not None:
            raise _too_many(word)
        return replace(said, **{field: parse(attached or _next(rest, word))})
    if name in _FLAGS:
        flag: dict[str, Any] = {_FLAGS[name]: True}
        return replace(said, **flag)
    if said.symbol is None and is_symbol(word):
        return replace(said, symbol=word)
    if name.endswith("x") and name[:-1] and said.leverage is None and not is_symbol(word):
        return replace(said, leverage=_leverage(name))
    if said.has_size:
        raise _too_many(word)
    if word.startswith("$"):
        return replace(said, notional=parse_size(word[1:]))
    return replace(said, size=parse_size(word))


def _next(rest: Iterator[str], word: str) -> str:
    found = next(rest, None)
    if found is None:
        raise Refused("command.value_missing", typed=word[:20], usage=ORDER_USAGE)
    return found


def _price(word: str) -> Decimal:
    return parse_size(word.removeprefix("$"))


def _offset(word: str) -> Decimal:
    """A distance from the oracle's price, with its sign. Raises Refused."""
    sign = -1 if word.startswith("-") else 1
    return sign * parse_size(word.lstrip("+-"))


def _span(word: str) -> timedelta:
    """`30m`, `2h`, `7d`. Raises Refused."""
    lower = word.lower()
    if lower[-1:] not in _UNITS or not (lower[:-1].isascii() and lower[:-1].isdigit()):
        raise Refused("command.no_span", typed=word[:20])
    return timedelta(**{_UNITS[lower[-1]]: int(lower[:-1][:6])})


def _leverage(word: str) -> Decimal:
    try:
        leverage = parse_amount(word[:-1])
    except Refused as refusal:
        raise Refused("command.no_leverage", typed=word[:20]) from refusal
    if not 1 <= leverage <= LARGEST_LEVERAGE:
        raise Refused("command.no_leverage", typed=word[:20])
    return leverage


def _too_many(word: str) -> Refused:
    return Refused("command.too_many", typed=word[:40], usage=ORDER_USAGE)


_VALUES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "limit": ("limit", _price),
    "@": ("limit", _price),
    "stop": ("stop", _price),
    "target": ("target", _price),
    "offset": ("offset", _offset),
    "sl": ("stop_loss", _price),
    "tp": ("take_profit", _price),
    "slip": ("slippage", parse_percent),
    "for": ("expires_in", _span),
}
_FLAGS = {
    "post": "post_only",
    "ioc": "immediate_or_cancel",
    "reduce": "reduce_only",
    "flip": "flip",
}
