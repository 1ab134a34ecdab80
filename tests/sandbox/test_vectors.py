"""The emulated Drift program does, to the byte, what the compiled one was recorded doing."""

import pytest

from tests.sandbox.recordings import VECTORS, Replay

RECORDED = sorted(file.stem for file in VECTORS.glob("*.json"))


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_step_has_the_recorded_outcome(name):
    for number, (step, differences) in enumerate(Replay(name).steps()):
        assert not differences, f"step {number}, {step['step']}"


def test_the_recordings_are_all_there():
    assert len(RECORDED) >= 35
