"""What a fill does to a position. Pure, in Decimals, as the venue itself rounds."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import ZERO


@dataclass(frozen=True, slots=True)
class Holding:
    """A signed size (long positive) and what its present size cost, unsigned."""

    size: Decimal
    entry_quote: Decimal

    @property
    def entry_price(self) -> Decimal:
        return self.entry_quote / abs(self.size) if self.size else ZERO


@dataclass(frozen=True, slots=True)
class Applied:
    """The holding after a fill, and the gain of what it closed, before fees.

    `opened` is what remains of the fill after a flip: the part that begins a new position.
    """

    closed: Holding
    gain: Decimal
    closed_size: Decimal
    opened: Holding | None


def apply_fill(
    holding: Holding, *, direction: str, size: Decimal, quote: Decimal, quote_step: Decimal
) -> Applied:
    """Add, reduce, close or flip.

    `quote` is the fill's worth (unsigned). The cost of the part that is closed is rounded down to
    `quote_step`, as the program's integer division does it; the rest stays with the position.
    """
    signed = size if direction == "buy" else -size
    if holding.size == 0 or (holding.size > 0) == (signed > 0):
        grown = Holding(holding.size + signed, holding.entry_quote + quote)
        return Applied(closed=grown, gain=ZERO, closed_size=ZERO, opened=None)
    held = abs(holding.size)
    part = min(size, held)
    cost = _share(holding.entry_quote, part, held, quote_step)
    proceeds = _share(quote, part, size, quote_step)
    gain = proceeds - cost if holding.size > 0 else cost - proceeds
    sign = 1 if holding.size > 0 else -1
    left = Holding(sign * (held - part), holding.entry_quote - cost)
    opened = None
    if size > part:
        opened = Holding(-sign * (size - part), quote - proceeds)
    return Applied(closed=left, gain=gain, closed_size=part, opened=opened)


def unrealized(holding: Holding, *, mark_price: Decimal) -> Decimal:
    """The gain if all were closed at the mark price, before fees and without funding."""
    worth = abs(holding.size) * mark_price
    return worth - holding.entry_quote if holding.size > 0 else holding.entry_quote - worth


def _share(whole: Decimal, part: Decimal, total: Decimal, step: Decimal) -> Decimal:
    if part == total:
        return whole
    # Exactly, as the program's 128-bit integers do it: a product of two sizes of the database's
    # width has more digits than decimal's context keeps.
    return int(Fraction(whole) * Fraction(part) / Fraction(total) / Fraction(step)) * step
