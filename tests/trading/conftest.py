"""The hand venue in the desk's registry, and a trader with books at it."""

import pytest

from tests import factories
from tests.trading.books import Books
from tests.trading.hand_venue import HAND
from trading.venues.base import get_venue


@pytest.fixture
def venue(db, settings):
    settings.VENUES = {HAND: "tests.trading.hand_venue.HandVenue"}
    found = get_venue(HAND)
    found.reset()
    return found


@pytest.fixture
def market(venue):
    return factories.drift_market(HAND, symbol="SOL-PERP", market_index=0, quote_asset="USDC")


@pytest.fixture
def books(venue, market):
    return Books(venue, market)
