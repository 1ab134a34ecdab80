"""The emulated Drift program does, to the unit, what the compiled one was recorded doing."""

import pytest

from tests.sandbox.recordings import VECTORS, Replay

REPLAYED = (
    "auction_fill",
    "boot",
    "borrow_interest",
    "delegate",
    "delete",
    "init_deposit",
    "leverage",
    "limit_cancel",
    "log_truncation",
    "match",
    "min_auction",
    "misc",
    "modify_partfilled",
    "order_33",
    "order_flags",
    "order_ids",
    "partial_fill_modify",
    "reduce_only",
    "take_flip",
    "withdraw",
    "withdraw_limit",
)
NOT_YET = (
    "expire_keeper",
    "forged",
    "funding",
    "liquidation",
    "mixed_1",
    "mixed_2",
    "mixed_3",
    "mixed_4",
    "mixed_5",
    "mixed_6",
    "orphan_stop",
    "settle",
    "stale",
    "stop_trigger",
)


@pytest.mark.parametrize("name", REPLAYED)
def test_every_recorded_step_has_the_recorded_outcome(name):
    for number, (step, differences) in enumerate(Replay(name).steps()):
        assert not differences, f"step {number}, {step['step']}"


def test_every_recording_is_replayed_or_named_as_missing():
    recorded = {file.stem for file in VECTORS.glob("*.json")}

    assert recorded == set(REPLAYED) | set(NOT_YET)
