"""A node's hints: a look comes sooner by them, and nothing else comes of them."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.utils import timezone

from chain.models import Submission
from chain.services import (
    collect_evidence,
    drive_submission,
    sweep_submissions,
    watch_submissions,
)
from chain.subscriptions import Hints, Subscriptions, Topic
from chain.websocket import Kind, Watch
from core.roles import as_sync
from core.uuid7 import uuid7
from tests.broken_servers import free_port
from tests.chain.local_keys import LocalKeys, Payment


class Looks:
    """What is looked at in the place of the desk's own looks, or before them."""

    def __init__(self, then=lambda keys: None) -> None:
        self.keys: list = []
        self._then = then

    def __call__(self, keys) -> None:
        self.keys += keys
        self._then(keys)


@contextmanager
def listening(url, *topics, told=None):
    stop = threading.Event()
    facts = {} if told is None else told
    subscriptions = Subscriptions(
        url=url, topics=topics, limit=100, tell=lambda **each: facts.update(each)
    )
    thread = threading.Thread(target=subscriptions.run, args=(stop,))
    thread.start()
    try:
        yield facts
    finally:
        stop.set()
        thread.join(timeout=15)
    assert not thread.is_alive()


def _wait_for(check, *, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come true")


def _messages(looks) -> Topic:
    return Topic(Kind.SIGNATURE, watch_submissions, looks, every_seconds=0.1)


@pytest.fixture
def looks():
    return Looks(lambda keys: collect_evidence(submission_ids=list(keys)))


@pytest.fixture
def hearing(room, looks):
    with listening(room.websocket_url, _messages(looks)) as facts:
        _wait_for(lambda: facts.get("connected"))
        yield room


def _state(submission) -> str:
    with as_sync():
        return Submission.objects.get(pk=submission.pk).state


def _fates(submission) -> list[str]:
    with as_sync():
        return Payment.fates[submission.acts.get().subject_id]


def test_a_message_is_followed_to_its_end_by_hints_alone(hearing, payment, looks):
    submission, receiver = payment()
    drive_submission(submission_id=submission.id, follow=False)
    _wait_for(lambda: _state(submission) == "finalized")
    assert set(looks.keys) == {submission.id}
    assert hearing.rpc("getBalance", receiver)["value"] == 5_000_000


def test_lost_hints_are_made_good_by_the_sweep(hearing, payment, looks):
    hearing.set_fault("solana.lost_notification", method="signatureNotification")
    # What is just subscribed is looked at once, in the moment after the sending.
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    _wait_for(lambda: hearing.calls(method="signatureSubscribe"))

    def swept() -> bool:
        sweep_submissions(now=timezone.now())
        return _state(submission) == "finalized"

    _wait_for(swept)
    assert _fates(submission)[-1] == "finalized"


def test_doubled_hints_book_a_message_once(hearing, payment, looks):
    hearing.set_fault("solana.doubled_notification")
    submission, _ = payment()
    drive_submission(submission_id=submission.id, follow=False)
    _wait_for(lambda: _state(submission) == "finalized")
    time.sleep(1)
    fates = _fates(submission)
    assert fates == sorted(set(fates), key=fates.index)
    assert len(LocalKeys.asked) == 1


def test_a_forged_hint_changes_nothing_but_the_number_of_looks(hearing, payment, looks):
    hearing.set_fault("solana.drop_sends", percent=100)
    submission, receiver = payment()
    drive_submission(submission_id=submission.id, follow=False)
    _wait_for(lambda: hearing.calls(method="signatureSubscribe"))
    fates = list(_fates(submission))
    before = len(looks.keys)
    # A slot's notification is true; the others, told of in its shadow, are not.
    hearing.set_fault("solana.forged_notification", method="slotNotification")
    _wait_for(lambda: len(looks.keys) > before)
    hearing.clear_faults()
    with as_sync():
        row = Submission.objects.get(pk=submission.pk)
    assert (row.state, row.error, row.landed_slot, row.ended_at) == ("sent", None, None, None)
    assert _fates(submission) == fates
    assert hearing.rpc("getBalance", receiver)["value"] == 0


def test_a_cut_connection_is_made_again_and_the_gap_is_looked_at(room, payment, looks):
    with listening(room.websocket_url, _messages(looks)) as facts:
        _wait_for(lambda: facts.get("connected"))
        room.set_fault("solana.cut_websocket", count=1, method="signatureNotification")
        submission, _ = payment()
        drive_submission(submission_id=submission.id, follow=False)
        _wait_for(lambda: facts["reconnects"] == 1)
        _wait_for(lambda: _state(submission) == "finalized")


def test_after_every_connection_all_that_is_watched_is_looked_at(room):
    keys = [uuid7(), uuid7()]
    watches = [Watch(Kind.ACCOUNT, "1" * 32, "confirmed", keys[0])]
    watches.append(Watch(Kind.ACCOUNT, "Sysvar1111111111111111111111111111111111111", "confirmed",
                         keys[1]))  # fmt: skip
    looks = Looks()
    topic = Topic(Kind.ACCOUNT, lambda limit: watches[:limit], looks, every_seconds=0.1)
    with listening(room.websocket_url, topic) as facts:
        _wait_for(lambda: sorted(looks.keys) == sorted(keys))
        looks.keys.clear()
        room.set_fault("solana.cut_websocket", count=1)
        _wait_for(lambda: facts["reconnects"] == 1)
        _wait_for(lambda: sorted(looks.keys) == sorted(keys))


def test_a_node_that_is_away_is_asked_again_ever_more_seldom(db, room):
    facts: dict = {}
    began = time.monotonic()
    with listening(f"ws://127.0.0.1:{free_port()}", told=facts):
        time.sleep(1.5)
    assert facts == {"connected": False, "standing": 0, "reconnects": -1}
    assert time.monotonic() - began < 10


def test_a_look_that_fails_is_taken_again_and_ends_nothing(room):
    watch = Watch(Kind.ACCOUNT, "1" * 32, "confirmed", uuid7())
    failures = iter([RuntimeError("planted")])

    def fail(_keys) -> None:
        for failure in failures:
            raise failure

    looks = Looks(fail)
    topic = Topic(Kind.ACCOUNT, lambda _: [watch], looks, every_seconds=0.1)
    with listening(room.websocket_url, topic):
        _wait_for(lambda: looks.keys)
        room.set_fault("solana.forged_notification", method="slotNotification")
        _wait_for(lambda: len(looks.keys) > 1)


def test_a_flood_of_hints_is_a_few_looks():
    hints, watch = Hints(), Watch(Kind.ACCOUNT, "x", "confirmed", uuid7())
    taken = 0
    until = time.monotonic() + 1.2
    while time.monotonic() < until:
        hints.add(watch)
        taken += len(hints.take(Kind.ACCOUNT))
    assert 2 <= taken <= 3


def test_hints_of_one_kind_wait_for_their_own_look():
    hints, key = Hints(), uuid7()
    hints.add(Watch(Kind.ACCOUNT, "x", "confirmed", key))
    hints.add(Watch(Kind.ACCOUNT, "x", "finalized", key))
    assert hints.take(Kind.SIGNATURE) == []
    assert hints.take(Kind.ACCOUNT) == [key]
    assert hints.take(Kind.ACCOUNT) == []


def test_messages_under_way_are_watched_at_the_commitments_that_are_news(room, payment):
    submission, _ = payment()
    assert watch_submissions(10) == []
    drive_submission(submission_id=submission.id, follow=False)
    first = watch_submissions(10)
    assert [(each.commitment, each.key) for each in first] == [
        ("confirmed", submission.id), ("finalized", submission.id),
    ]  # fmt: skip
    _wait_for(lambda: _is_at(submission, "confirmed", "finalized"))
    assert [each.commitment for each in watch_submissions(10)] in (["finalized"], [])
    _wait_for(lambda: _is_at(submission, "finalized"))
    assert watch_submissions(10) == []


def _is_at(submission, *states: str) -> bool:
    collect_evidence(submission_ids=[submission.id])
    return _state(submission) in states
