"""Transactions of version 1, and of versions that nobody knows yet, are read and followed."""

import time
from base64 import b64decode

import pytest
from django.utils import timezone

from chain.messages import read_message
from chain.models import Submission
from chain.rpc import rpc
from chain.services import drive_submission, sweep_submissions
from core.errors import Refused
from core.roles import as_sync


@pytest.fixture
def landed(room, payment):
    """A message of ours that is on the chain and not final yet."""
    submission, _ = payment()
    drive_submission(submission_id=submission.id)
    with as_sync():
        return Submission.objects.get(pk=submission.pk)


@pytest.mark.parametrize("version", [1, 2, 127])
def test_a_transaction_of_any_version_is_read_with_its_outcome(room, landed, version):
    before = rpc().transaction(landed.signature)
    room.rpc("sandbox_setTransactionVersion", landed.signature, version)
    after = rpc().transaction(landed.signature)
    assert (before["version"], after["version"]) == (0, version)
    assert after["meta"]["logMessages"] == before["meta"]["logMessages"]
    assert (after["slot"], after["meta"]["err"]) == (before["slot"], None)


@pytest.mark.parametrize("version", [1, 2, 127])
def test_bytes_of_a_version_that_this_desk_never_signs_are_refused_as_such(room, landed, version):
    known = read_message(b64decode(rpc().transaction_bytes(landed.signature)["transaction"][0]))
    room.rpc("sandbox_setTransactionVersion", landed.signature, version)
    raw = b64decode(rpc().transaction_bytes(landed.signature)["transaction"][0])
    assert raw[0] == 0x80 | version
    with pytest.raises(Refused, match="unreadable"):
        read_message(raw)
    assert known.fee_payer == landed.fee_payer


def test_the_sweep_follows_a_message_whatever_version_it_is_shown_as(room, landed):
    room.rpc("sandbox_setTransactionVersion", landed.signature, 9)
    until = time.monotonic() + 15
    while time.monotonic() < until:
        sweep_submissions(now=timezone.now())
        with as_sync():
            row = Submission.objects.get(pk=landed.pk)
        if row.ended_at:
            break
        time.sleep(0.05)
    assert (row.state, row.error) == ("finalized", None)
