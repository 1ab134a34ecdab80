"""The hand venue in the desk's registry, and a trader with books at it."""

import pytest
from solders.keypair import Keypair

from tests import factories
from tests.desk import led_to
from tests.hand_custodian import keys_held_by_hand
from tests.sandbox_server import running_sandbox
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


@pytest.fixture(scope="session")
def _chain():
    """A chain of which nothing is asked here but how much SOL a wallet holds."""
    with running_sandbox(slot_ms=40) as handle:
        yield handle


@pytest.fixture
def chain(_chain, db, settings):
    _chain.clear_faults()
    with led_to(_chain, settings):
        yield _chain


@pytest.fixture
def desk(books, chain):
    """A trader whose wallet holds SOL for fees."""
    books.wallet = factories.wallet(wallet_address=str(Keypair().pubkey()))
    chain.airdrop(books.wallet.wallet_address, 10**9)
    chain.advance(2)
    return Books(books.venue, books.market, books.wallet)


@pytest.fixture
def custodian(settings):
    with keys_held_by_hand(settings) as found:
        yield found
