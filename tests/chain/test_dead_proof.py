"""A message is dead by the whole proof alone, and only a proof that is shared allows a new one."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from chain.enums import SubmissionState
from chain.models import Submission, SubmissionAct
from chain.services import collect_evidence, sweep_submissions
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories
from tests.chain.hand_node import hand_node, lead_to
from tests.chain.local_keys import Payment
from tests.threads import all_at_once

# factories.signed_submission: last valid at height 1150, signed at slot 1000.
LONG_AFTER = 5000


@pytest.fixture
def first(db, settings):
    """A node that is asked first; its chain has passed the message by."""
    settings.SUBMISSION_SUBJECTS = settings.SUBMISSION_SUBJECTS | {
        "payment": "tests.chain.local_keys.Payment"
    }
    Payment.counters_stand = True
    with hand_node() as node:
        lead_to(settings, node.knows_nothing(height=LONG_AFTER))
        yield node
    Payment.counters_stand = True


@pytest.fixture
def second(first, settings):
    with hand_node() as node:
        lead_to(settings, first, node.knows_nothing(height=LONG_AFTER))
        yield node


@pytest.fixture
def sent(first):
    """A message that was sent a while ago, with a minute left for its act."""
    row = factories.signed_submission(
        state="sent",
        deadline=timezone.now() + timedelta(minutes=1),
        sent_at=timezone.now(),
        blockhash="GfVcyD4kkTrj4bKc7WA9sZCin9JDbdT4Zkd3EittNR1W",
    )
    factories.act(row, subject_type="payment", subject_id=uuid7(), step="pay")
    return row


def _looked_at(row) -> Submission:
    collect_evidence(submission_ids=[row.id])
    with as_sync():
        return Submission.objects.get(pk=row.pk)


def _may_sign_again(row) -> bool:
    with as_sync():
        subject_id = SubmissionAct.objects.get(submission=row).subject_id
    return Payment.told[subject_id][-1].may_sign_again


def _assert_open(row, *, for_want_of: str) -> None:
    looked_at = _looked_at(row)
    assert looked_at.state == "sent"
    assert looked_at.ended_at is None
    assert for_want_of in looked_at.last_proof["missing"]
    assert looked_at.last_proof["dead"] is False


def test_two_providers_that_agree_end_a_message_and_allow_a_new_one(second, sent):
    ended = _looked_at(sent)
    assert (ended.state, ended.last_proof["second_provider"]) == ("expired", "agrees")
    assert _may_sign_again(sent)


def test_past_the_deadline_of_the_act_even_the_shared_proof_allows_no_new_message(second, sent):
    with as_sync():
        Submission.objects.filter(pk=sent.pk).update(deadline=timezone.now())
    assert _looked_at(sent).state == "expired"
    assert not _may_sign_again(sent)


def test_one_provider_alone_ends_a_message_and_never_allows_a_new_one(sent):
    ended = _looked_at(sent)
    assert ended.state == "expired"
    assert ended.last_proof["second_provider"] == "none is configured"
    assert not _may_sign_again(sent)


@pytest.mark.parametrize("commitment", ["processed", "confirmed", "finalized"])
def test_a_second_provider_that_shows_the_message_keeps_it_open(second, sent, commitment):
    second.shows(commitment)
    _assert_open(sent, for_want_of="second provider")


def _says_alive(node) -> None:
    node.answers["isBlockhashValid"] = lambda _: {"context": {"slot": LONG_AFTER}, "value": True}


def test_a_life_that_its_own_node_told_too_short_proves_nothing(second, sent):
    """By that node's word it is long over; by the other's the message can still land."""
    _says_alive(second)
    _assert_open(sent, for_want_of="second provider")


def test_a_blockhash_that_lives_or_of_which_a_node_says_nothing_proves_nothing(first, sent):
    _says_alive(first)
    _assert_open(sent, for_want_of="may still be valid")
    del first.answers["isBlockhashValid"]
    _assert_open(sent, for_want_of="may still be valid")


def test_a_second_provider_that_lags_proves_nothing(second, sent):
    second.knows_nothing(height=1150 + 32)
    _assert_open(sent, for_want_of="second provider")


def test_a_second_provider_without_history_proves_nothing(second, sent):
    second.knows_nothing(height=LONG_AFTER, first_block=1001)
    _assert_open(sent, for_want_of="second provider")


def test_a_second_provider_that_is_away_keeps_the_message_open(first, settings, sent):
    with hand_node() as gone:
        lead_to(settings, first, gone)
    _assert_open(sent, for_want_of="second provider")


@pytest.mark.parametrize(("height", "state"), [(1150 + 32, "sent"), (1150 + 33, "expired")])
def test_the_height_must_be_past_the_last_valid_one_by_more_than_32_blocks(
    first, sent, height, state
):
    first.knows_nothing(height=height)
    assert _looked_at(sent).state == state


@pytest.mark.parametrize(("first_block", "state"), [(1001, "sent"), (1000, "expired")])
def test_the_node_must_have_the_blocks_since_the_signing(first, sent, first_block, state):
    first.knows_nothing(height=LONG_AFTER, first_block=first_block)
    assert _looked_at(sent).state == state


def test_a_status_older_than_the_height_proves_nothing(first, sent):
    """Behind one address another node, further back, may have told of the status."""
    first.answers["getSignatureStatuses"] = lambda params: {
        "context": {"slot": LONG_AFTER - 1}, "value": [None] * len(params[0]),
    }  # fmt: skip
    _assert_open(sent, for_want_of="cannot know")


def test_the_height_is_read_before_the_status(first, sent):
    _looked_at(sent)
    methods = [method for method, _ in first.asked]
    assert methods.index("getBlockHeight") < methods.index("getSignatureStatuses")
    assert [
        method for method, params in first.asked if {"searchTransactionHistory": True} in params
    ] == ["getSignatureStatuses"]


def test_counters_that_moved_without_an_explanation_keep_a_message_open(second, sent):
    Payment.counters_stand = False
    _assert_open(sent, for_want_of="counters")


def test_two_sweeps_at_once_ask_of_each_message_once(first):
    with as_sync():
        Submission.objects.bulk_create(
            Submission(
                wallet_id=uuid7(), state=SubmissionState.SENT, signature=factories.signature(),
                raw=b"signed bytes", last_valid_block_height=LONG_AFTER, signing_slot=1000,
            )
            for _ in range(700)
        )  # fmt: skip

    def sweep() -> int:
        return int(sweep_submissions(now=timezone.now())["under_way"])

    outcomes = all_at_once(sweep, sweep)

    asked = [params[0] for method, params in first.asked if method == "getSignatureStatuses"]
    assert sum(outcomes) == 700
    assert set(Counter(signature for each in asked for signature in each).values()) == {1}
    assert max(len(each) for each in asked) <= 256
