"""The emulated Drift program does, to the byte, what the compiled one was recorded doing."""

import pytest

from tests.sandbox.recordings import VECTORS, Replay

REPLAYED = (
    "auction_fill",
    "boot",
    "borrow_interest",
    "delegate",
    "delete",
    "expire_keeper",
    "forged",
    "funding",
    "init_deposit",
    "leverage",
    "limit_cancel",
    "liquidation",
    "log_truncation",
    "match",
    "min_auction",
    "misc",
    "mixed_1",
    "mixed_2",
    "mixed_3",
    "mixed_4",
    "mixed_5",
    "mixed_6",
    "modify_partfilled",
    "order_33",
    "order_flags",
    "order_ids",
    "orphan_stop",
    "partial_fill_modify",
    "reduce_only",
    "settle",
    "stale",
    "stop_trigger",
    "take_flip",
    "withdraw",
    "withdraw_limit",
)


@pytest.mark.parametrize("name", REPLAYED)
def test_every_recorded_step_has_the_recorded_outcome(name):
    for number, (step, differences) in enumerate(Replay(name).steps()):
        assert not differences, f"step {number}, {step['step']}"


def test_no_recording_is_left_out():
    recorded = {file.stem for file in VECTORS.glob("*.json")}

    assert recorded == set(REPLAYED)
