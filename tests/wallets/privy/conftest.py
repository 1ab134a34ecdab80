"""A Privy stand-in without faults, the desk's custodian there, and one trader's wallet."""

import pytest

from tests.privy_standin import serve_privy
from tests.wallets.privy.signing import custodian_with


@pytest.fixture(scope="module")
def server():
    with serve_privy() as running:
        yield running


@pytest.fixture
def standin(server):
    server.state.faults.clear()
    server.state.clock.offset_seconds = 0
    return server


@pytest.fixture
def custodian(standin):
    with custodian_with(standin.url) as made:
        yield made


@pytest.fixture
def wallet(custodian):
    return custodian.ensure_wallet(external_id="trader")
