"""What people type after a command; whatever can be read in two ways is refused."""

from dataclasses import dataclass
from decimal import Decimal

from core.errors import Refused
from core.money import parse_amount

_MAX_LENGTH = 120
# Above these no account of anybody's is, and a slip of the hand is near.
LARGEST_SIZE = Decimal(10) ** 9
LARGEST_LEVERAGE = Decimal(100)
CLOSE_USAGE = "Write it like /close sol 50% or /close all."


@dataclass(frozen=True, slots=True)
class CloseWords:
    """What was said of a close; `everything` is every position."""

    symbol: str | None = None
    percent: Decimal | None = None
    everything: bool = False


def parse_close(text: str) -> CloseWords:
    """`sol 50%`, `sol all`, `50%`, `all`. Raises Refused."""
    symbol: str | None = None
    percent: Decimal | None = None
    says_all = False
    for word in split_words(text, CLOSE_USAGE):
        if word.lower() in ("all", "max"):
            says_all, percent = True, Decimal(100)
        elif is_symbol(word) and symbol is None:
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


def split_words(text: str, usage: str) -> list[str]:
    """The words of a command's rest. Raises Refused for a text longer than any command."""
    if len(text) > _MAX_LENGTH:
        raise Refused("command.too_many", typed=text[:40], usage=usage)
    return text.split()


def is_symbol(word: str) -> bool:
    """Letters first, as markets are named; `1MBONK` is written as its market's whole name."""
    return word.isascii() and word[0].isalpha() and len(word) <= 20
