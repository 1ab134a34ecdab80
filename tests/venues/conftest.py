"""One fast sandbox for the contract of all venues; each test has wallets of its own."""

import pytest

from tests.desk import led_to
from tests.sandbox_server import running_sandbox
from tests.venues.bench import Bench
from tests.venues.programs import given_programs
from trading.venues.base import get_venue

# Without a compiled program there is nothing to hold to the contract: no case, and none skipped.
collect_ignore = [] if given_programs() else ["test_program_contract.py"]


@pytest.fixture(scope="session")
def venue_sandbox():
    with running_sandbox(slot_ms=20) as handle:
        yield handle


@pytest.fixture
def sandbox(venue_sandbox, settings):
    venue_sandbox.clear_faults()
    with led_to(venue_sandbox, settings):
        yield venue_sandbox


@pytest.fixture
def make_bench(sandbox):
    """A new wallet with money at a deployment, and a sponsor with SOL."""

    def make(deployment: str) -> Bench:
        return Bench(sandbox, get_venue(deployment)).fund()

    return make
