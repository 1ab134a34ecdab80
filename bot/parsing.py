"""What people type after a command; whatever can be read in two ways is refused."""

from dataclasses import dataclass
from decimal import Decimal

from core.errors import Refused
from core.money import parse_amount

_MAX_LENGTH = 120
# Above these no account of anybody's is, and a slip of the hand is near.
LARGEST_SIZE = Decimal(10) ** 9
LARGEST_LEVERAGE = Decimal(100)
ORDER_USAGE = "Write it like /long sol 0.5, /long sol $100 or /short btc 0.01 5x."
CLOSE_USAGE = "Write it like /close sol 50% or /close all."


@dataclass(frozen=True, slots=True)
class OrderWords:
    """What was said of an order; at most one of size and notional."""

    symbol: str | None = None
    size: Decimal | None = None
    notional: Decimal | None = None
    leverage: Decimal | None = None

    @property
    def has_size(self) -> bool:
        return self.size is not None or self.notional is not None


@dataclass(frozen=True, slots=True)
class CloseWords:
    """What was said of a close; `everything` is every position."""

    symbol: str | None = None
    percent: Decimal | None = None
    everything: bool = False


def parse_order(text: str, *, symbol: str | None = None) -> OrderWords:
    """`sol 100 5x`, `sol $100`; with `symbol` given, only size and leverage. Raises Refused."""
    size = notional = leverage = None
    for word in _words(text, ORDER_USAGE):
        lower = word.lower()
        if lower in ("sl", "tp") or lower.startswith(("sl=", "tp=", "sl:", "tp:")):
            instead = "Leave them out: what is not placed is not promised."
            raise Refused(
                "command.not_here_yet", what="Stops and targets (sl, tp) are", instead=instead
            )
        if symbol is None and _is_symbol(word):
            symbol = word
        elif lower.endswith("x") and lower[:-1] and leverage is None and not _is_symbol(word):
            leverage = _leverage(lower)
        elif size is not None or notional is not None:
            raise Refused("command.too_many", typed=word[:40], usage=ORDER_USAGE)
        elif word.startswith("$"):
            notional = parse_size(word[1:])
        else:
            size = parse_size(word)
    return OrderWords(symbol, size, notional, leverage)


def parse_close(text: str) -> CloseWords:
    """`sol 50%`, `sol all`, `50%`, `all`. Raises Refused."""
    symbol: str | None = None
    percent: Decimal | None = None
    says_all = False
    for word in _words(text, CLOSE_USAGE):
        if word.lower() in ("all", "max"):
            says_all, percent = True, Decimal(100)
        elif _is_symbol(word) and symbol is None:
            symbol = word
        elif percent is None:
            percent = parse_percent(word)
        else:
            raise Refused("command.too_many", typed=word[:40], usage=CLOSE_USAGE)
    return CloseWords(symbol, percent, everything=says_all and symbol is None)


def parse_percent(word: str) -> Decimal:
    """`50` or `50%`. Raises Refused."""
    percent = parse_amount(word.removesuffix("%"))
    if percent > 100:
        raise Refused("order.percent_out_of_range", percent=word.removesuffix("%")[:20])
    return percent


def parse_size(word: str) -> Decimal:
    """A size or a value, not larger than anybody could mean. Raises Refused."""
    amount = parse_amount(word)
    if amount > LARGEST_SIZE:
        raise Refused("amount.too_large", typed=word[:40], maximum=f"{LARGEST_SIZE:,f}")
    return amount


def parse_deposit(word: str, *, held: Decimal) -> Decimal:
    """`100`, `$100`, `25%`, `max` of what the wallet holds, in whole cents. Raises Refused."""
    typed = word.strip()
    if len(typed) > _MAX_LENGTH:
        raise Refused("amount.not_a_number", typed=typed[:40])
    if typed.lower() in ("max", "all"):
        return held
    if typed.endswith("%"):
        percent = parse_amount(typed.removesuffix("%"))
        if percent > 100:
            raise Refused("deposit.percent_out_of_range", percent=typed.removesuffix("%")[:20])
        return (held * percent / 100).quantize(Decimal("0.01"), rounding="ROUND_DOWN")
    return parse_size(typed.removeprefix("$"))


def _words(text: str, usage: str) -> list[str]:
    if len(text) > _MAX_LENGTH:
        raise Refused("command.too_many", typed=text[:40], usage=usage)
    return text.split()


def _is_symbol(word: str) -> bool:
    """Letters first, as markets are named; `1MBONK` is written as its market's whole name."""
    return word.isascii() and word[0].isalpha() and len(word) <= 20


def _leverage(word: str) -> Decimal:
    try:
        leverage = parse_amount(word[:-1])
    except Refused as refusal:
        raise Refused("command.no_leverage", typed=word[:20]) from refusal
    if not 1 <= leverage <= LARGEST_LEVERAGE:
        raise Refused("command.no_leverage", typed=word[:20])
    return leverage
