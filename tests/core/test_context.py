"""Who acts is known beside the call, for its time only, and to nobody else."""

import threading

import pytest

from core.context import Context, acting_in, current, new_trace_id
from core.errors import (
    Conflict,
    DeskError,
    Misconfigured,
    NotAllowed,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from core.uuid7 import uuid7


def test_outside_of_any_act_it_is_the_desk_itself():
    assert current() == Context(trace_id="", channel="system", actor_id=None)


def test_the_circumstances_hold_for_the_block_and_fill_in_a_trace():
    actor = uuid7()

    with acting_in(channel="rest", actor_id=actor) as context:
        assert current() is context
        assert (context.channel, context.actor_id) == ("rest", actor)
        assert len(context.trace_id) == 32

    assert current() == Context()


def test_an_inner_block_changes_some_and_keeps_the_rest():
    with acting_in(channel="telegram", trace_id="outer"):
        with acting_in(ip_address="10.0.0.1"):
            assert current() == Context("outer", "telegram", None, "10.0.0.1", None)
        assert current().ip_address is None


def test_an_error_leaves_nothing_behind():
    with pytest.raises(ValueError, match="stop"), acting_in(channel="rest"):
        raise ValueError("stop")

    assert current() == Context()


def test_another_thread_does_not_see_it():
    seen = []

    with acting_in(channel="rest"):
        thread = threading.Thread(target=lambda: seen.append(current()))
        thread.start()
        thread.join()

    assert seen == [Context()]


def test_no_two_traces_are_the_same():
    assert len({new_trace_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused, 422), (NotAllowed, 403), (NotFound, 404), (Conflict, 409), (RateLimited, 429),
        (Unavailable, 503), (OutcomeUnknown, 504), (Misconfigured, 500),
    ],
)  # fmt: skip
def test_an_error_carries_its_code_its_status_and_what_became_of_the_money(error, status):
    raised = error("order.size_too_small", minimum="0.01")

    assert isinstance(raised, DeskError)
    assert (raised.code, raised.http_status) == ("order.size_too_small", status)
    assert raised.params == {"minimum": "0.01"}
    assert str(raised) == "order.size_too_small (minimum=0.01)"
    assert raised.consequence


def test_only_an_unknown_outcome_says_that_money_may_have_moved():
    assert "do not repeat" in OutcomeUnknown("any").consequence
    assert "Trying again is safe" in Unavailable("any").consequence
