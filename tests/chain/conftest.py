"""A fast chain, the chain room led to it, and payments as the subject of its messages."""

from datetime import timedelta

import pytest
from django.utils import timezone
from solders.keypair import Keypair

from chain.models import Submission
from chain.services import Act, queue_submission
from core.roles import as_sync
from core.uuid7 import uuid7
from laminator.settings.environment import given_variables, parse_environment
from tests.chain.local_keys import LocalKeys, Payment
from tests.desk import led_to
from tests.sandbox_server import running_sandbox


@pytest.fixture(scope="session")
def sandbox_process():
    # A message lives 150 slots: on a machine that is busy seven seconds are not much.
    with running_sandbox(slot_ms=50) as handle:
        yield handle


@pytest.fixture
def sandbox(sandbox_process):
    sandbox_process.clear_faults()
    sandbox_process.clear_calls()
    return sandbox_process


@pytest.fixture
def room(db, sandbox, settings):
    """The chain room with one custodian and one subject of the test's own."""
    settings.CUSTODIANS = settings.CUSTODIANS | {"local": "tests.chain.local_keys.LocalKeys"}
    settings.SUBMISSION_SUBJECTS = settings.SUBMISSION_SUBJECTS | {
        "payment": "tests.chain.local_keys.Payment"
    }
    LocalKeys.asked.clear()
    Payment.refuse_guard, Payment.good_until = False, None
    with led_to(sandbox, settings):
        # One node, so that a fault that strikes once has struck.
        alone = given_variables() | {"SOLANA_RPC_URLS": sandbox.rpc_url}
        alone.pop("FAUCET_URL", None)
        settings.ENVIRONMENT = parse_environment(alone)
        yield sandbox


@pytest.fixture
def payment(room):
    """Queue a payment of 5,000,000 lamports; returns its submission and whom it pays."""

    def queue(*, seconds: float = 60, lamports: int = 5_000_000) -> tuple[Submission, str]:
        payer, receiver = Keypair(), str(Keypair().pubkey())
        LocalKeys.keys[str(payer.pubkey())] = payer
        room.airdrop(payer.pubkey(), 1_000_000_000)
        subject_id = uuid7()
        Payment.payments[subject_id] = (str(payer.pubkey()), receiver, lamports)
        with as_sync():
            submission = queue_submission(
                submission_id=uuid7(),
                wallet_id=uuid7(),
                acts=[Act("payment", subject_id, "pay")],
                deadline=timezone.now() + timedelta(seconds=seconds),
            )
        return submission, receiver

    return queue
