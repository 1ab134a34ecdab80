"""One sandbox process, and one stand-in of Privy, for the tests of this folder."""

from collections.abc import Iterator

import pytest

from sandbox.privy.credentials import OWNER, TRADING_SIGNER, WITHDRAW_SIGNER
from tests.privy_caller import PrivyCaller
from tests.privy_standin import serve_privy
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


@pytest.fixture(scope="module")
def standin():
    with serve_privy() as running:
        yield running


@pytest.fixture
def privy(standin):
    standin.state.faults.clear()
    standin.state.clock.offset_seconds = 0
    return PrivyCaller(standin.url)


@pytest.fixture
def wallet(privy):
    """A wallet of the desk without policies: its signers may have anything signed."""
    return privy.created(
        "/v1/wallets",
        {
            "chain_type": "solana",
            "owner_id": OWNER.id,
            "additional_signers": [
                {"signer_id": TRADING_SIGNER.id, "override_policy_ids": []},
                {"signer_id": WITHDRAW_SIGNER.id, "override_policy_ids": []},
            ],
        },
    )
