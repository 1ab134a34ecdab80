"""One sandbox process for the tests of this folder; each test finds it without faults."""

from collections.abc import Iterator

import pytest

from tests.sandbox_server import SandboxHandle, running_sandbox


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxHandle]:
    with running_sandbox(slot_ms=20) as handle:
        yield handle


@pytest.fixture
def sandbox(sandbox_process: SandboxHandle) -> SandboxHandle:
    """The shared sandbox, with faults and the log of calls cleared."""
    sandbox_process.clear_faults()
    sandbox_process.clear_calls()
    return sandbox_process
