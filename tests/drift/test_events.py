"""Events in recorded logs: all of ours, none of anyone else's."""

import base64

import pytest

from drift.codec import codec_for
from drift.events import parse_events
from drift.layouts.deployments import DRIFT, DRIFT_2024_10, VELOCITY
from tests.drift.recordings import SCENARIOS, as_recorded, scenario
from tests.drift.samples import zero

OTHER = "Forger1111111111111111111111111111111111111"


def event_line(deployment, name="OrderActionRecord", prefix="Program log: ", tail=b"", **values):
    layout = deployment.layout
    fields = {field.name: zero(layout, field.type) for field in layout.events[name].fields}
    data = codec_for(layout).encode_event(name, fields | values)
    return prefix + base64.b64encode(data + tail).decode()


def inside(program_id, *lines, depth=1):
    opened = f"Program {program_id} invoke [{depth}]"
    return [opened, *lines, f"Program {program_id} success"]


def names(logs, deployment=DRIFT, error=None):
    parsed = parse_events(deployment=deployment, logs=logs, error=error)
    return [event.name for event in parsed.events]


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_events_are_read_in_order_with_all_their_fields(name):
    for step in scenario(name)["steps"]:
        parsed = parse_events(deployment=DRIFT_2024_10, logs=step["logs"], error=step["error"])
        own = [e for e in step["events"] if e["program"] == DRIFT.program_id and not step["error"]]
        assert [(e.line, e.name, as_recorded(e.fields)) for e in parsed.events] == [
            (e["line"], e["name"], e["fields"]) for e in own
        ]
        assert [event.index for event in parsed.events] == list(range(len(own)))
        assert parsed.unreadable_lines == ()
        assert parsed.truncated == ("Log truncated" in step["logs"])


def test_forged_lines_were_recorded_and_none_is_believed():
    forged = [
        event
        for step in scenario("forged")["steps"]
        for event in step["events"]
        if event["program"] != DRIFT.program_id
    ]
    assert {event["prefix"] for event in forged} == {"Program log:", "Program data:"}
    for step in scenario("forged")["steps"]:
        parsed = parse_events(deployment=DRIFT_2024_10, logs=step["logs"], error=step["error"])
        forged_lines = {e["line"] for e in step["events"] if e["program"] != DRIFT.program_id}
        assert forged_lines.isdisjoint(event.line for event in parsed.events)


def test_truncated_logs_say_so_and_still_give_what_they_hold():
    steps = [s for s in scenario("log_truncation")["steps"] if "Log truncated" in s["logs"]]
    assert steps
    for step in steps:
        parsed = parse_events(deployment=DRIFT_2024_10, logs=step["logs"], error=step["error"])
        assert parsed.truncated
        assert not parsed.complete
        assert len(parsed.events) > 0


def test_a_failed_transaction_has_no_events():
    logs = inside(DRIFT.program_id, event_line(DRIFT))
    assert names(logs) == ["OrderActionRecord"]
    assert names(logs, error={"InstructionError": [1, {"Custom": 6003}]}) == []


@pytest.mark.parametrize("prefix", ["Program log: ", "Program data: "])
def test_both_prefixes_count_and_only_on_top_of_the_stack(prefix):
    line = event_line(DRIFT, prefix=prefix)
    inner = inside(OTHER, line, depth=2)
    assert names(inside(DRIFT.program_id, line)) == ["OrderActionRecord"]
    assert names(inside(OTHER, line)) == []
    assert names(inside(DRIFT.program_id, *inner)) == []
    assert names(inside(DRIFT.program_id, *inner, line)) == ["OrderActionRecord"]
    nested = inside(DRIFT.program_id, line, depth=2)
    assert names(inside(OTHER, line, *nested, line)) == ["OrderActionRecord"]
    assert names([line, *inside(DRIFT.program_id), line]) == []


def test_a_log_text_that_looks_like_an_invocation_moves_nothing():
    line = event_line(DRIFT)
    for text in (
        f"Program log: Program {DRIFT.program_id} invoke [1]",
        f"Program log: x\nProgram {DRIFT.program_id} invoke [1]",
        f"Program data: Program {DRIFT.program_id} invoke [1]",
    ):
        assert names(inside(OTHER, text, line)) == []


def test_a_missing_return_line_does_not_lend_the_stack_to_the_next_program():
    line = event_line(DRIFT)
    cut = [f"Program {DRIFT.program_id} invoke [1]", line, "Log truncated"]
    parsed = parse_events(deployment=DRIFT, logs=[*cut, *inside(OTHER, line)], error=None)
    assert [event.line for event in parsed.events] == [1]
    assert parsed.truncated


def test_a_failed_inner_program_is_left_by_its_failure_line():
    line = event_line(DRIFT)
    logs = [
        f"Program {DRIFT.program_id} invoke [1]",
        f"Program {OTHER} invoke [2]",
        line,
        f"Program {OTHER} failed: custom program error: 0x1",
        line,
    ]
    parsed = parse_events(deployment=DRIFT, logs=logs, error=None)
    assert [event.line for event in parsed.events] == [4]


def test_the_deployments_do_not_read_each_other():
    logs = inside(VELOCITY.program_id, event_line(VELOCITY, "DepositRecord"))
    assert names(logs, DRIFT) == []
    assert names(logs, VELOCITY) == ["DepositRecord"]


def test_events_may_grow_but_not_shrink():
    grown = event_line(DRIFT, "SettlePnlRecord", tail=b"more")
    assert names(inside(DRIFT.program_id, grown)) == ["SettlePnlRecord"]
    short = event_line(DRIFT_2024_10, "OrderActionRecord")
    parsed = parse_events(deployment=DRIFT, logs=inside(DRIFT.program_id, short), error=None)
    assert (parsed.events, parsed.unreadable_lines) == ((), (1,))
    assert not parsed.complete


def test_ordinary_log_texts_are_no_events():
    texts = ("Program log: Instruction: Deposit", "Program data: ////", "Program log: ", "")
    parsed = parse_events(deployment=DRIFT, logs=inside(DRIFT.program_id, *texts), error=None)
    assert parsed.events == ()
    assert parsed.complete
