"""A compiled program keeps the contract of a venue: these cases exist where one is named.

See docs/running.md. Cases in which the sandbox itself writes an account's bytes, or pauses the
exchange by them, do so for a compiled program as well.
"""

import pytest

from tests.sandbox_server import running_sandbox
from tests.venues.chain_contract import *  # noqa: F403
from tests.venues.contract import *  # noqa: F403
from tests.venues.contract_changes import *  # noqa: F403
from tests.venues.contract_fates import *  # noqa: F403
from tests.venues.contract_orders import *  # noqa: F403
from tests.venues.contract_quotes import *  # noqa: F403
from tests.venues.contract_withdrawals import *  # noqa: F403
from tests.venues.programs import given_programs, sandbox_arguments


@pytest.fixture(scope="session")
def venue_sandbox():
    """A sandbox whose VM runs the files that are named."""
    arguments = sandbox_arguments(given_programs())
    with running_sandbox(slot_ms=20, arguments=arguments) as handle:
        yield handle


@pytest.fixture(params=sorted(given_programs()))
def bench(request, make_bench):
    return make_bench(request.param)
