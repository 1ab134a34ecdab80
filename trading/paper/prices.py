"""The prices that paper trades at: the default deployment's own, with their age."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from markets.prices import read_prices
from trading.models import PaperMarket
from trading.paper.book import DEPLOYMENT, Mark
from trading.paper.store import joined

# Of the feed's own word; an older price matches nothing, as live refuses it.
MAX_AGE_SECONDS = Decimal(30)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A price of a market and its place at its source."""

    price: Decimal
    slot: int
    observed_at: datetime

    def age_seconds(self, now: datetime) -> Decimal:
        return max(Decimal(0), Decimal(str((now - self.observed_at).total_seconds())))


def read_quoted() -> dict[int, Quoted]:
    """The last price of every market by its index, however old; reads the network, no lock."""
    with joined():
        markets = list(PaperMarket.objects.all())
    found = read_prices(source=DEPLOYMENT, tokens=[market.base_asset for market in markets])
    quoted: dict[int, Quoted] = {}
    for market in markets:
        price = found.get(market.base_asset)
        if price is not None:
            quoted[market.market_index] = Quoted(price.price, price.slot, price.observed_at)
        elif market.last_price is not None and market.last_price_at is not None:
            quoted[market.market_index] = Quoted(market.last_price, 0, market.last_price_at)
    return quoted


def fresh(quoted: dict[int, Quoted], now: datetime) -> dict[int, Mark]:
    """Those that may be traded at."""
    return {
        index: Mark(one.price, one.observed_at)
        for index, one in quoted.items()
        if one.age_seconds(now) <= MAX_AGE_SECONDS
    }
