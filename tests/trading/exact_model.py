"""What an account must show after any sequence of events, in fractions; knows nothing of the desk.

A position is one book of signed numbers: what is held, what that cost, what was gained. The only
rounding is the program's own: the cost and the proceeds of a part are cut to a whole unit.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

UNIT = Fraction(1, 10**6)
ZERO = Fraction(0)


def cut(value: Fraction) -> Fraction:
    """Down to a whole unit of the quote token."""
    return floor(value / UNIT) * UNIT


@dataclass
class Episode:
    """One position from its opening to its end."""

    side: str
    realised: Fraction = ZERO
    fees: Fraction = ZERO
    funding: Fraction = ZERO
    peak: Fraction = ZERO
    status: str = "open"


@dataclass
class Market:
    held: Fraction = ZERO
    cost: Fraction = ZERO
    # The venue's running sum.
    quote: Fraction = ZERO
    # What the gains would be without any rounding, and how often there was one.
    cost_unrounded: Fraction = ZERO
    gained: Fraction = ZERO
    gained_unrounded: Fraction = ZERO
    cuts: int = 0
    episodes: list[Episode] = field(default_factory=list)

    @property
    def current(self) -> Episode | None:
        return self.episodes[-1] if self.held else None

    def fill(self, signed: Fraction, quote: Fraction, fee: Fraction, *, liquidation: bool) -> None:
        self.quote += (-quote if signed > 0 else quote) - fee
        if self.held == 0:
            self._open(signed, quote)
            episode = self.episodes[-1]
        elif (self.held > 0) == (signed > 0):
            episode = self.episodes[-1]
            self.held += signed
            self.cost += quote
            self.cost_unrounded += quote
            episode.peak = max(episode.peak, abs(self.held))
        else:
            episode = self.episodes[-1]
            self._reduce(signed, quote, episode, liquidation=liquidation)
        episode.fees += fee
        episode.realised -= fee

    def pay(self, amount: Fraction, *, funding: bool, of_position: bool) -> None:
        """Money into or out of the running sum that no fill moved."""
        self.quote += amount
        episode = self.current
        if episode is not None and of_position:
            episode.realised += amount
            if funding:
                episode.funding += amount

    def _open(self, signed: Fraction, quote: Fraction) -> None:
        self.held, self.cost, self.cost_unrounded = signed, quote, quote
        side = "long" if signed > 0 else "short"
        self.episodes.append(Episode(side, peak=abs(signed)))

    def _reduce(
        self, signed: Fraction, quote: Fraction, episode: Episode, *, liquidation: bool
    ) -> None:
        was, size = abs(self.held), abs(signed)
        part = min(was, size)
        sign = 1 if self.held > 0 else -1
        paid, got = cut(self.cost * part / was), cut(quote * part / size)
        episode.realised += sign * (got - paid)
        self.gained += sign * (got - paid)
        self.gained_unrounded += sign * (quote * part / size - self.cost_unrounded * part / was)
        self.cuts += 1
        self.held += sign * -part
        self.cost -= paid
        self.cost_unrounded -= self.cost_unrounded * part / was
        if self.held == 0:
            self.cost = self.cost_unrounded = ZERO
            episode.status = "liquidated" if liquidation else "closed"
        if size > part:
            self._open(-sign * (size - part), quote - got)
            self.cost_unrounded = quote * (size - part) / size


@dataclass
class Account:
    """Markets by their index, and the quote token."""

    markets: dict[int, Market] = field(default_factory=lambda: {0: Market(), 1: Market()})
    tokens: Fraction = ZERO

    def settle(self, index: int, amount: Fraction) -> None:
        self.markets[index].quote -= amount
        self.tokens += amount
