"""A submission from the queue to its end, past everything that can go wrong on the way."""

import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chain.models import Submission
from chain.services import (
    Act,
    claim_submission,
    collect_evidence,
    drive_submission,
    queue_submission,
    send_submission,
    sign_submission,
    sweep_submissions,
    watch_epoch,
)
from core.errors import Conflict, Unavailable
from core.roles import as_sync
from core.uuid7 import uuid7
from tests.chain.local_keys import LocalKeys, Payment


def _now_of(submission: Submission) -> Submission:
    with as_sync():
        return Submission.objects.get(pk=submission.pk)


def _received(room, address: str) -> int:
    return int(room.rpc("getBalance", address, {"commitment": "processed"})["value"])


def _end(submission: Submission, *, seconds: float = 60) -> Submission:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sweep_submissions(now=timezone.now() + timedelta(seconds=3))
        row = _now_of(submission)
        if row.ended_at is not None:
            return row
        time.sleep(0.05)
    raise AssertionError(f"still {row.state}: {row.last_proof}")


def test_a_payment_is_signed_sent_and_finalized_and_pays_once(room, payment):
    submission, receiver = payment()
    drive_submission(submission_id=submission.id)
    ended = _end(submission)
    assert ended.state == "finalized"
    assert ended.fee_lamports is not None
    assert ended.landed_slot is not None
    assert _received(room, receiver) == 5_000_000
    assert Payment.fates[_subject(submission)][-1] == "finalized"


def _subject(submission):
    with as_sync():
        return submission.acts.get().subject_id


def test_bytes_are_in_the_database_before_the_first_send(room, payment):
    submission, _ = payment()
    claim = claim_submission(submission_id=submission.id, now=timezone.now())
    assert sign_submission(submission_id=submission.id, claim=claim)
    row = _now_of(submission)
    assert row.state == "signed"
    assert row.raw
    assert row.signature
    assert room.calls(method="sendTransaction") == []


def test_what_is_signed_is_on_the_disk_though_the_server_commits_lazily(room, payment):
    """Else a crash of the server forgets what may have been sent."""
    submission, _ = payment()
    claim = claim_submission(submission_id=submission.id, now=timezone.now())
    Payment.commits.clear()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        try:
            assert sign_submission(submission_id=submission.id, claim=claim)
        finally:
            cursor.execute("RESET synchronous_commit")
    assert Payment.commits == ["on"]


def test_only_one_of_two_workers_claims(payment):
    submission, _ = payment()
    first = claim_submission(submission_id=submission.id, now=timezone.now())
    assert first is not None
    assert claim_submission(submission_id=submission.id, now=timezone.now()) is None


def test_a_slow_worker_whose_claim_was_taken_over_stores_and_sends_nothing(room, payment):
    submission, _ = payment()
    slow = claim_submission(submission_id=submission.id, now=timezone.now())
    later = timezone.now() + timedelta(seconds=31)
    fast = claim_submission(submission_id=submission.id, now=later)
    assert fast is not None
    assert not sign_submission(submission_id=submission.id, claim=slow)
    assert _now_of(submission).signature is None
    assert sign_submission(submission_id=submission.id, claim=fast)


def test_sends_that_are_dropped_are_repeated_with_the_same_bytes(room, payment):
    # No slot passes meanwhile: however slow the machine is, the message lives.
    room.set_fault("solana.standstill")
    room.set_fault("solana.drop_sends", count=4)
    submission, receiver = payment()
    drive_submission(submission_id=submission.id)
    while len(room.calls(method="sendTransaction")) <= 4:
        sweep_submissions(now=timezone.now() + timedelta(seconds=3))
    room.clear_faults()
    assert _end(submission).state == "finalized"
    assert len(LocalKeys.asked) == 1
    assert _received(room, receiver) == 5_000_000


def test_a_message_that_never_lands_expires_only_with_the_whole_proof(room, payment):
    room.set_fault("solana.drop_sends", percent=100)
    submission, receiver = payment()
    drive_submission(submission_id=submission.id, follow=False)
    room.advance(140)
    collect_evidence(submission_ids=[submission.id])
    assert _now_of(submission).state == "sent"
    room.advance(120)
    ended = _end(submission)
    assert ended.state == "expired"
    assert ended.last_proof["dead"] is True
    assert _received(room, receiver) == 0


def test_a_missed_deadline_is_never_signed(room, payment):
    submission, receiver = payment(seconds=-1)
    drive_submission(submission_id=submission.id)
    row = _now_of(submission)
    assert row.state == "abandoned"
    assert row.error["code"] == "submission.deadline_passed"
    assert row.raw is None
    assert room.calls(method="sendTransaction") == []
    assert _received(room, receiver) == 0


def test_the_sweep_abandons_what_waited_past_its_deadline(room, payment):
    submission, _ = payment(seconds=1)
    sweep_submissions(now=timezone.now() + timedelta(seconds=5))
    assert _now_of(submission).state == "abandoned"
    assert LocalKeys.asked == []


def test_a_clock_that_is_ahead_gives_a_message_no_more_time(room, payment, monkeypatch):
    right = timezone.now
    watch_epoch(now=right(), ask_chain=False)
    with monkeypatch.context() as wrong:
        wrong.setattr(timezone, "now", lambda: right() + timedelta(minutes=5))
        submission, _ = payment(seconds=60)
    row = _now_of(submission)
    assert timedelta(seconds=50) < row.deadline - right() <= timedelta(seconds=60)
    # Its loss is noticed by the database's clock, and not when that of the placer is reached.
    assert sweep_submissions(now=right() + timedelta(seconds=3))["forgotten"] == 1


def test_a_guard_that_refuses_keeps_the_bytes_from_being_stored(room, payment):
    Payment.refuse_guard = True
    submission, _ = payment()
    drive_submission(submission_id=submission.id)
    row = _now_of(submission)
    assert (row.state, row.signature) == ("abandoned", None)
    assert row.error["code"] == "test.guard"


def test_what_was_judged_too_long_ago_is_asked_again_and_not_signed(room, payment):
    Payment.good_until = timezone.now() - timedelta(milliseconds=1)
    submission, _ = payment()
    with pytest.raises(Unavailable, match=r"submission\.judged_too_long_ago"):
        drive_submission(submission_id=submission.id)
    row = _now_of(submission)
    assert (row.state, row.signature) == ("queued", None)
    assert room.calls(method="sendTransaction") == []
    Payment.good_until = timezone.now() + timedelta(seconds=60)
    drive_submission(submission_id=submission.id, follow=False)
    assert _now_of(submission).signature is not None


def test_what_fails_in_simulation_is_not_signed(room, payment):
    submission, _ = payment(lamports=10**15)
    drive_submission(submission_id=submission.id)
    row = _now_of(submission)
    assert row.state == "abandoned"
    assert row.error["code"] == "submission.simulation_failed"
    assert LocalKeys.asked == []


def test_a_node_that_is_down_leaves_the_message_queued(room, payment):
    submission, _ = payment()
    room.set_fault("solana.server_error", percent=100)
    with pytest.raises(Unavailable):
        drive_submission(submission_id=submission.id)
    assert _now_of(submission).state == "queued"
    room.clear_faults()
    time.sleep(5.1)
    assert _end(submission).state == "finalized"


def test_sending_again_after_the_end_sends_nothing(room, payment):
    submission, _ = payment()
    drive_submission(submission_id=submission.id)
    _end(submission)
    room.clear_calls()
    assert not send_submission(submission_id=submission.id, now=timezone.now())
    assert room.calls(method="sendTransaction") == []


def test_one_subject_has_one_live_submission_a_step(payment):
    submission, _ = payment()
    with as_sync(), pytest.raises(Conflict):
        queue_submission(
            submission_id=uuid7(),
            wallet_id=uuid7(),
            acts=[Act("payment", _subject(submission), "pay")],
            deadline=timezone.now(),
        )


def test_the_database_refuses_a_signed_state_without_bytes(payment):
    submission, _ = payment()
    with pytest.raises(IntegrityError), as_sync(), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(state="signed")
