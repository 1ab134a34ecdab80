"""What the chain shows, and what it takes before a message counts as failed or dead."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from chain.models import Submission
from chain.services import collect_evidence, drive_submission, sweep_submissions
from core.roles import as_sync
from laminator.settings.environment import given_variables, parse_environment
from tests.chain.local_keys import LocalKeys


@pytest.fixture
def two_providers(room, settings):
    urls = f"{room.rpc_url}/first,{room.rpc_url}/second"
    variables = given_variables() | {"SOLANA_RPC_URLS": urls}
    settings.ENVIRONMENT = parse_environment(
        {name: value for name, value in variables.items() if name != "FAUCET_URL"}
    )
    return room


def _look(submission) -> Submission:
    collect_evidence(submission_ids=[submission.id])
    with as_sync():
        return Submission.objects.get(pk=submission.pk)


def _wait_for(submission, *states: str, seconds: float = 60) -> Submission:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sweep_submissions(now=timezone.now() + timedelta(seconds=3))
        # A node that said when to come back is left alone until then; the sweep stands that.
        with as_sync():
            row = Submission.objects.get(pk=submission.pk)
        if row.state in states:
            return row
        time.sleep(0.03)
    raise AssertionError(f"{row.state} and not {states}: {row.last_proof}")


def test_an_error_on_a_fork_ends_nothing_and_the_success_after_it_counts(room, payment):
    room.set_fault("solana.standstill")
    room.set_fault("solana.fork", count=1, shows="error", commitment="confirmed", slots=20)
    submission, receiver = payment()
    drive_submission(submission_id=submission.id, follow=False)
    room.advance(5)
    assert _look(submission).state == "sent"
    room.clear_faults()
    assert _wait_for(submission, "finalized", "failed").state == "finalized"
    assert room.rpc("getBalance", receiver)["value"] == 5_000_000


def test_a_success_on_a_fork_that_becomes_an_error_ends_as_failed(room, payment):
    room.set_fault("solana.fork", count=1, shows="success", commitment="confirmed", slots=20)
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    ended = _wait_for(submission, "failed", "finalized")
    assert ended.state == "failed"
    assert ended.error["chain"] is not None


def test_a_confirmation_that_is_taken_back_is_sent_again_and_lands(room, payment):
    room.set_fault(
        "solana.fork", count=1, shows="success", commitment="confirmed", slots=15, becomes="dropped"
    )
    submission, receiver = payment()
    drive_submission(submission_id=submission.id, follow=False)
    assert _wait_for(submission, "finalized").state == "finalized"
    assert len(LocalKeys.asked) == 1
    assert room.rpc("getBalance", receiver)["value"] == 5_000_000


def test_a_confirmation_is_not_taken_back_for_a_status_alone(room, payment):
    room.set_fault("solana.standstill")
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    room.advance(5)
    assert _look(submission).state == "confirmed"
    room.set_fault("solana.hide_statuses")
    room.advance(80)

    assert _look(submission).state == "confirmed"

    room.clear_faults()
    assert _wait_for(submission, "finalized").state == "finalized"
    assert len(LocalKeys.asked) == 1


def test_a_message_that_lands_late_is_found(room, payment):
    room.set_fault("solana.land_late", count=1, slots=30)
    submission, receiver = payment()
    drive_submission(submission_id=submission.id, follow=False)
    assert _wait_for(submission, "finalized").state == "finalized"
    assert room.rpc("getBalance", receiver)["value"] == 5_000_000


def test_a_send_whose_answer_is_lost_is_one_payment(room, payment):
    room.set_fault("solana.lost_answer", count=2, method='["sendTransaction"]')
    submission, receiver = payment()
    drive_submission(submission_id=submission.id, follow=False)
    assert _wait_for(submission, "finalized").state == "finalized"
    assert room.rpc("getBalance", receiver)["value"] == 5_000_000


def test_a_worker_whose_clock_is_ahead_keeps_no_other_from_looking(room, payment, monkeypatch):
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    right = timezone.now
    with monkeypatch.context() as wrong:
        wrong.setattr(timezone, "now", lambda: right() + timedelta(minutes=10))
        for _ in range(2):
            _look(submission)
            room.advance(2)
    assert _wait_for(submission, "finalized").state == "finalized"


def test_a_node_without_history_may_not_call_a_message_dead(room, payment):
    room.set_fault("solana.drop_sends", percent=100)
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    room.advance(300)
    room.set_fault("solana.no_history")
    assert _look(submission).state == "sent"
    room.control("DELETE", "/faults/solana.no_history")
    assert _wait_for(submission, "expired").state == "expired"


def test_a_node_that_lags_may_not_call_a_message_dead(room, payment):
    room.set_fault("solana.drop_sends", percent=100)
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    room.set_fault("solana.node_lag", slots=400)
    # Long dead for a node that keeps up; this one is a few seconds away from saying so.
    room.advance(300)
    assert _look(submission).state == "sent"


def test_a_second_provider_that_disagrees_keeps_a_message_open(two_providers, payment):
    room = two_providers
    room.set_fault("solana.drop_sends", percent=100)
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    room.advance(300)
    room.set_fault("solana.no_history", node="second")
    held = _look(submission)
    assert held.state == "sent"
    assert "second provider" in held.last_proof["missing"]
    room.control("DELETE", "/faults/solana.no_history")
    ended = _wait_for(submission, "expired")
    assert ended.last_proof["second_provider"] == "agrees"


def test_with_one_node_down_the_other_carries_the_message(two_providers, payment):
    two_providers.set_fault("solana.server_error", percent=100, node="first")
    submission, receiver = payment()
    drive_submission(submission_id=submission.id, follow=False)
    assert _wait_for(submission, "finalized").state == "finalized"
    assert two_providers.rpc("getBalance", receiver)["value"] == 5_000_000


@pytest.mark.parametrize("fault", ["rate_limit", "html", "truncated", "reset"])
def test_nonsense_from_a_node_ends_nothing(room, payment, fault):
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    room.set_fault(f"solana.{fault}", percent=100)
    sweep_submissions(now=timezone.now())
    with as_sync():
        assert Submission.objects.get(pk=submission.pk).state in ("sent", "confirmed")
    room.clear_faults()
    assert _wait_for(submission, "finalized").state == "finalized"
