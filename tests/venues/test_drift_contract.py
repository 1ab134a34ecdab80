"""Both deployments keep the contract of a venue."""

import pytest

from tests.venues.chain_contract import *  # noqa: F403
from tests.venues.contract import *  # noqa: F403
from tests.venues.contract_changes import *  # noqa: F403
from tests.venues.contract_fates import *  # noqa: F403
from tests.venues.contract_orders import *  # noqa: F403
from tests.venues.contract_quotes import *  # noqa: F403
from tests.venues.contract_withdrawals import *  # noqa: F403


@pytest.fixture(params=["drift", "velocity"])
def bench(request, make_bench):
    return make_bench(request.param)
