"""Faults strike as often as they were told to; chance comes from the seed; calls are kept."""

import json
from decimal import Decimal

import pytest

from sandbox.state import BadFault, SandboxOptions, SandboxState


@pytest.fixture
def state():
    state = SandboxState(SandboxOptions(seed=3))
    state.faults.declare("service.fails", "always")
    return state


def strikes(state, times, **facts):
    return [state.faults.consume("service.fails", **facts) is not None for _ in range(times)]


def test_a_fault_strikes_until_it_is_cleared(state):
    state.faults.set("service.fails")
    assert strikes(state, 3) == [True] * 3
    state.faults.clear()
    assert strikes(state, 2) == [False] * 2


def test_a_fault_lets_some_pass_and_strikes_a_number_of_times(state):
    state.faults.set("service.fails", after=2, count=2)

    assert strikes(state, 6) == [False, False, True, True, False, False]


def test_a_fault_strikes_a_share_of_calls_the_same_for_one_seed(state):
    state.faults.set("service.fails", percent=30)
    other = SandboxState(SandboxOptions(seed=3))
    other.faults.declare("service.fails", "always")
    other.faults.set("service.fails", percent="30")

    first = strikes(state, 500)

    assert first == strikes(other, 500)
    assert 100 < sum(first) < 200


def test_a_fault_is_narrowed_by_what_a_call_is(state):
    state.faults.set("service.fails", method=["a", "b"], node="main")

    assert strikes(state, 1, method="a", node="main") == [True]
    assert strikes(state, 1, method="c", node="main") == [False]
    assert strikes(state, 1, method="a", node="other") == [False]
    assert state.faults.show()["service.fails"]["struck"] == 1


def test_peeking_counts_nothing(state):
    state.faults.set("service.fails", count=1, slots=5)

    assert state.faults.peek("service.fails") == {"slots": 5}
    assert strikes(state, 2) == [True, False]


@pytest.mark.parametrize(
    "settings",
    [{"count": 0}, {"count": "3"}, {"after": -1}, {"percent": 101}, {"percent": "many"}],
)
def test_settings_that_make_no_sense_are_refused(state, settings):
    with pytest.raises(BadFault):
        state.faults.set("service.fails", **settings)
    assert state.faults.show() == {}


def test_chance_goes_on_after_a_restore(state):
    state.stream("prices").random()
    saved = json.loads(json.dumps(state.snapshot()))
    later = SandboxState(SandboxOptions(seed=99))

    later.restore(saved)

    assert later.stream("prices").random() == state.stream("prices").random()


def test_streams_do_not_disturb_each_other(state):
    other = SandboxState(SandboxOptions(seed=3))
    other.stream("noise").random()

    assert state.stream("prices").random() == other.stream("prices").random()


def test_components_are_restored_whenever_they_register(state):
    class Part:
        def __init__(self, value):
            self.value = value

        def snapshot(self):
            return self.value

        def restore(self, saved):
            self.value = saved

    state.register("early", Part("kept"))
    state.register("late", Part("kept too"))
    saved = state.snapshot()
    other = SandboxState()
    early, late = Part(""), Part("")
    other.register("early", early)
    other.restore(saved)
    assert (early.value, late.value) == ("kept", "")
    assert other.snapshot()["components"]["late"] == "kept too"
    other.register("late", late)
    assert late.value == "kept too"


def test_calls_are_selected_and_their_texts_cut(state):
    state.calls.record("a", "one", {"text": "x" * 10_000, "price": Decimal("1.5"), "list": (1, 2)})
    state.calls.record("a", "two")
    state.calls.record("b", "one")

    assert [call.number for call in state.calls.select(service="a")] == [1, 2]
    assert [call.number for call in state.calls.select(method="one", since=1)] == [3]
    params = state.calls.select()[0].params
    assert len(params["text"]) < 5_000
    assert (params["price"], params["list"]) == ("1.5", [1, 2])
    json.dumps([call.as_json() for call in state.calls.select()])
