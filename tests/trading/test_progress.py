"""The card's word for every state of an order or a deposit and of its message."""

import pytest

from chain.enums import SubmissionState
from trading.enums import OrderStatus, TransferStatus
from trading.progress import order_progress, transfer_progress
from trading.reach import how_far

UNDER_WAY = {
    None: "placed",
    "queued": "placed",
    "claimed": "placed",
    "signed": "sent",
    "sent": "sent",
    "confirmed": "confirmed",
    "finalized": "confirmed",
    "failed": "checking",
    "expired": "checking",
    "abandoned": "checking",
}


@pytest.mark.parametrize("state", [None, *SubmissionState.values])
def test_while_the_venue_has_said_nothing_the_message_tells(state):
    said = {"submission_state": state, "past_deadline": False}
    assert order_progress(status="pending", **said) == UNDER_WAY[state]
    for status in ("pending", "sent", "confirmed"):
        assert transfer_progress(status=status, **said) == UNDER_WAY[state]


@pytest.mark.parametrize("state", [None, *SubmissionState.values])
def test_sent_and_past_the_deadline_is_checking_and_nothing_else_changes(state):
    said = {"submission_state": state, "past_deadline": True}
    word = "checking" if state in ("signed", "sent") else UNDER_WAY[state]
    assert order_progress(status="pending", **said) == word
    assert transfer_progress(status="pending", **said) == word


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("state", [None, *SubmissionState.values])
@pytest.mark.parametrize("status", sorted(set(OrderStatus.values) - {"pending"}))
def test_what_the_venue_said_of_an_order_stands_above_its_message(status, state, late):
    word = order_progress(status=status, submission_state=state, past_deadline=late)
    assert word == {"partially_filled": "partly_filled"}.get(status, status)


@pytest.mark.parametrize("status", ["completed", "failed", "not_executed"])
@pytest.mark.parametrize("state", [None, *SubmissionState.values])
def test_an_ended_deposit_is_told_by_its_end(status, state):
    word = transfer_progress(status=status, submission_state=state, past_deadline=True)
    assert word == status


def test_every_state_has_a_word():
    for status in OrderStatus.values:
        assert order_progress(status=status, submission_state=None, past_deadline=False)
    for status in TransferStatus.values:
        assert transfer_progress(status=status, submission_state=None, past_deadline=False)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([], "never_sent"),
        (["abandoned"], "never_sent"),
        (["queued"], "never_sent"),
        (["sent"], "not_known"),
        (["expired"], "never_landed"),
        (["expired", "abandoned"], "never_landed"),
        (["expired", "queued"], "never_landed"),
        (["expired", "signed"], "not_known"),
        (["expired", "failed"], "landed"),
        (["finalized", "abandoned"], "landed"),
        (["confirmed"], "landed"),
    ],
)
def test_how_far_an_act_came_is_told_by_all_its_messages(states, told):
    assert how_far(states) == told
