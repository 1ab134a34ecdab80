"""One fast sandbox for all journeys; each finds it without faults, and the product led to it."""

import itertools

import pytest
from drift.services import sync_markets

from tests.desk import Trader, led_to
from tests.sandbox_server import running_sandbox

_telegram_ids = itertools.count(5_000_001)


@pytest.fixture(scope="session")
def sandbox_process():
    with running_sandbox(slot_ms=60) as handle:
        yield handle


@pytest.fixture
def sandbox(sandbox_process):
    sandbox_process.clear_faults()
    sandbox_process.clear_calls()
    return sandbox_process


@pytest.fixture
def desk(db, sandbox, settings):
    """The product's settings lead to the sandbox, and its markets are read."""
    with led_to(sandbox, settings):
        for deployment in settings.VENUES:
            sync_markets(deployment=deployment)
        yield sandbox


@pytest.fixture(params=["velocity", "drift"])
def trader(request, desk):
    return Trader(desk, request.param, next(_telegram_ids)).arrive()
