"""Prices that move: a seeded walk with jumps, the real market followed, or held by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from sandbox.live_prices import STALE_SECONDS
from sandbox.perps.listings import BY_SYMBOL, LISTINGS
from sandbox.state import Json, SandboxState

SECONDS_A_YEAR = 31_536_000
SLOT_SECONDS = 0.4
JUMP_CHANCE = 1 / 3_000
JUMP_SIZE = 0.012
STEP = Decimal("0.000001")
# A walk that strays further from where it began is drawn back.
WIDEST = 0.5


class PriceProcess:
    """The price of every listed symbol, moved once a slot."""

    def __init__(self, state: SandboxState) -> None:
        self._chance = state.stream("prices")
        self._clock = state.clock
        self._follows = state.options.live_prices is not None
        self._walks = state.options.walk and not self._follows
        self._prices = {listing.symbol: listing.first_price for listing in LISTINGS}
        self._held: set[str] = set()
        self._published: dict[str, int] = {}

    def prices(self) -> Mapping[str, Decimal]:
        """Current prices in quote units."""
        return dict(self._prices)

    def set_price(self, symbol: str, price: Decimal, *, hold: bool) -> None:
        """Move a symbol; held, it stays there. Raises KeyError for an unknown symbol."""
        if symbol not in self._prices:
            raise KeyError(symbol)
        if price <= 0:
            raise ValueError(f"a price of {price} cannot be")
        self._prices[symbol] = price.quantize(STEP, rounding=ROUND_HALF_EVEN)
        if hold:
            self._held.add(symbol)
        else:
            self._held.discard(symbol)

    def follow(self, symbol: str, price: Decimal, published_at: int) -> None:
        """Take the real market's price of that second, unless it is held or older than the last."""
        if published_at < self._published.get(symbol, 0):
            return
        self._published[symbol] = published_at
        if symbol not in self._held:
            self._prices[symbol] = price.quantize(STEP, rounding=ROUND_HALF_EVEN)

    def is_known(self, symbol: str) -> bool:
        """Whether there is a price to publish: of a market that is followed only a young one."""
        if not self._follows or symbol in self._held:
            return True
        return self._clock.unix() - self._published.get(symbol, 0) <= STALE_SECONDS

    def move(self) -> None:
        """Let one slot pass."""
        if not self._walks:
            return
        for symbol in self._prices:
            if symbol not in self._held:
                self._walk(symbol)

    def _walk(self, symbol: str) -> None:
        listing = BY_SYMBOL[symbol]
        volatility = float(listing.yearly_volatility)
        moved = self._chance.gauss(0, volatility * math.sqrt(SLOT_SECONDS / SECONDS_A_YEAR))
        if self._chance.random() < JUMP_CHANCE:
            moved += self._chance.choice((-1, 1)) * JUMP_SIZE * self._chance.random()
        strayed = math.log(float(self._prices[symbol] / listing.first_price))
        if abs(strayed) > WIDEST:
            moved -= 0.001 * strayed
        factor = Decimal(math.exp(moved))
        self._prices[symbol] = (self._prices[symbol] * factor).quantize(
            STEP, rounding=ROUND_HALF_EVEN
        )

    def snapshot(self) -> Json:
        """Prices, and what is held."""
        return {
            "prices": {symbol: str(price) for symbol, price in self._prices.items()},
            "held": sorted(self._held),
        }

    def restore(self, saved: Json) -> None:
        """Take up what `snapshot` gave."""
        for symbol, price in saved["prices"].items():
            if symbol in self._prices:
                self._prices[symbol] = Decimal(price)
        self._held = set(saved["held"])
