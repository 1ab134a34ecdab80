"""A message that never reached the chain is proven dead by both nodes and signed anew, once."""

from decimal import Decimal

import pytest

from chain.models import Submission
from chain.services import drive_submission
from core.roles import as_sync
from tests.desk import sweep_until
from trading.enums import ORDER_ENDED
from trading.models import VenueTransfer
from trading.services import read_order
from trading.venues.base import get_venue

pytestmark = pytest.mark.journey


def _messages(subject_id) -> list[Submission]:
    with as_sync():
        return list(Submission.objects.filter(acts__subject_id=subject_id).order_by("attempt"))


def _transfer(transfer_id) -> VenueTransfer:
    with as_sync():
        return VenueTransfer.objects.get(pk=transfer_id)


def test_a_dropped_order_is_signed_anew_by_itself_exactly_once(trader):
    deposit = trader.deposit("500")
    sweep_until(lambda: _transfer(deposit.id).status == "completed")
    order = trader.order(key="open", symbol="SOL", side="long", size=Decimal("0.5"))
    trader.sandbox.set_fault("solana.drop_sends", percent=100)
    [first] = _messages(order.id)
    drive_submission(submission_id=first.id, follow=False)
    trader.sandbox.advance(300)
    trader.sandbox.clear_faults()

    def ended() -> bool:
        return read_order(user_id=trader.user_id, order_id=order.id).status in ORDER_ENDED

    sweep_until(ended)

    dead, fresh = _messages(order.id)
    assert (dead.state, dead.attempt) == ("expired", 1)
    assert dead.last_proof["second_provider"] == "agrees"
    assert (fresh.state, fresh.attempt) in (("confirmed", 2), ("finalized", 2))
    assert fresh.signature != dead.signature
    assert fresh.deadline == dead.deadline
    assert fresh.sent_at < fresh.deadline
    bought = read_order(user_id=trader.user_id, order_id=order.id)
    assert (bought.status, bought.filled_size) == ("filled", Decimal("0.5"))
    venue = get_venue(trader.deployment)
    history = venue.read_history(venue.account_address(trader.address), after="")
    kinds = [type(event).__name__ for report in history for event in report.events]
    assert kinds.count("OrderPlaced") == 1
