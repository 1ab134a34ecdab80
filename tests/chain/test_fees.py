"""The price of a place in a block: a percentile of recent fees, with a floor and two caps."""

import pytest

from chain.messages import MessagePlan
from chain.services.sign_submission import _unit_price
from tests.chain.hand_node import hand_node, lead_to

LIMIT = 100_000  # compute units, so that 10 micro-lamports a unit are one lamport


@pytest.fixture
def paid(db, settings):
    """What is offered a unit where these were the recent fees and these are the caps."""
    with hand_node() as node:

        def ask(fees, *, percentile=75, desk_cap=1_000_000, plan_cap=1_000_000) -> int:
            node.answers["getRecentPrioritizationFees"] = lambda _: [
                {"slot": slot, "prioritizationFee": fee} for slot, fee in enumerate(fees)
            ]
            lead_to(
                settings, node, PRIORITY_FEE_PERCENTILE=str(percentile),
                PRIORITY_FEE_CAP_LAMPORTS=str(desk_cap),
            )  # fmt: skip
            plan = MessagePlan(
                fee_payer="11111111111111111111111111111111", signers=(), instructions=(),
                allowed=(), counters={}, priority_fee_cap_lamports=plan_cap,
            )  # fmt: skip
            return _unit_price(plan, LIMIT)

        yield ask


def test_the_percentile_of_recent_fees_is_offered_whatever_their_order(paid):
    fees = [1000 * each for each in range(100, 0, -1)]
    assert paid(fees, percentile=75) == 76_000
    assert paid(fees, percentile=50) == 51_000


@pytest.mark.parametrize("fees", [[], [0], [0] * 150, [999]])
def test_a_fee_of_nothing_is_raised_to_the_floor(paid, fees):
    assert paid(fees) == 1000


def test_the_smaller_of_the_two_caps_holds_for_the_whole_message(paid):
    wild = [10**12] * 10
    assert paid(wild, desk_cap=5_000, plan_cap=9_000) == 50_000
    assert paid(wild, desk_cap=9_000, plan_cap=5_000) == 50_000
    assert paid(wild, desk_cap=5_000) * LIMIT <= 5_000 * 10**6


def test_a_cap_below_the_floor_is_kept_all_the_same(paid):
    assert paid([10**6], plan_cap=50) == 500
