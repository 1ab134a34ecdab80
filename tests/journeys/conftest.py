"""Traders of both deployments for whole ways, and a whole desk whose parts may be taken away."""

import pytest

from tests.desk import Trader, new_telegram_id
from tests.journeys.house import House
from tests.journeys.visitor import Visitor

_PROCESSES = ("web", "worker", "withdrawals", "beat", "feed", "subscriptions", "bot")


@pytest.fixture(params=["velocity", "drift"])
def deployment(request):
    return request.param


@pytest.fixture
def trader(deployment, desk):
    return Trader(desk, deployment, new_telegram_id()).arrive()


@pytest.fixture(scope="package")
def open_house(desk_sandbox_process):
    """A desk on servers of its own, with everything running that `make run` starts."""
    desk_sandbox_process.clear_faults()
    house = House(desk_sandbox_process)
    try:
        house.open().start(*_PROCESSES)
        yield house
    finally:
        house.close()


@pytest.fixture(scope="module")
def _prepared_house(desk_sandbox_process):
    desk_sandbox_process.clear_faults()
    house = House(desk_sandbox_process)
    try:
        yield house.open()
    finally:
        house.close()


@pytest.fixture
def servers_alone(_prepared_house):
    """A prepared desk of which no process runs."""
    _prepared_house.sandbox.clear_calls()
    return _prepared_house


@pytest.fixture
def house(open_house):
    """That desk, without faults before and after."""
    open_house.sandbox.clear_faults()
    open_house.sandbox.clear_calls()
    # Where a test before this one has failed, a process may be missing.
    open_house.start(*(name for name in _PROCESSES if name not in open_house.pids()))
    yield open_house
    open_house.sandbox.clear_faults()


@pytest.fixture
def visitor(house):
    """A person in a private chat with that desk's bot."""
    person = Visitor(house)
    yield person
    person.close()
