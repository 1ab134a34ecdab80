"""Forks take back what was placed, cancelled and modified: the desk follows, and does it once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from chain.models import Submission
from chain.services import drive_submission
from core.roles import as_sync
from tests.desk import sweep_until
from trading.models import OrderChange, VenueTransfer, YoungMove
from trading.services import cancel_orders, modify_order, read_order
from trading.venues.base import get_venue
from trading.wishes import ChangeWish

pytestmark = pytest.mark.journey

D = Decimal


class Forked:
    """One whose next message is confirmed and then taken back."""

    def __init__(self, trader) -> None:
        self.trader, self.sandbox = trader, trader.sandbox
        deposit = trader.deposit("500")
        sweep_until(lambda: _status(VenueTransfer, deposit.id) == "completed" and _is_settled())
        # From here on no fork comes too late for the machine's being slow.
        self.sandbox.set_fault("solana.standstill")

    def until(self, done) -> None:
        """What Beat does, while slots pass one at a time."""

        def passes() -> bool:
            self.sandbox.advance(1)
            return done()

        sweep_until(passes)

    def drops(self, subject_id, until) -> Submission:
        """Send it, wait until the books believe it, and let a fork win in which it is not."""
        [message] = _messages(subject_id)
        drive_submission(submission_id=message.id, follow=False)
        self.until(until)
        [message] = _messages(subject_id)
        assert message.state == "confirmed"
        # None lands by being sent again for now.
        self.sandbox.set_fault("solana.drop_sends", percent=100)
        self.sandbox.rpc("sandbox_fork", message.landed_slot - 1, [message.signature])
        return message

    def lets_it_land(self) -> None:
        self.sandbox.clear_faults()
        self.sandbox.set_fault("solana.standstill")

    def resting(self):
        venue = get_venue(self.trader.deployment)
        [report] = venue.read_accounts([venue.account_address(self.trader.address)])
        return [(each.venue_order_id, each.price) for each in report.orders]

    def order(self, order_id):
        return read_order(user_id=self.trader.user_id, order_id=order_id)


def _messages(subject_id) -> list[Submission]:
    with as_sync():
        return list(Submission.objects.filter(acts__subject_id=subject_id).order_by("attempt"))


def _status(model, key) -> str:
    with as_sync():
        return model._default_manager.values_list("status", flat=True).get(pk=key)


def _has_time(subject_id) -> None:
    """Its deadline is no matter of how fast this machine is."""
    later = timezone.now() + timedelta(hours=1)
    with as_sync():
        OrderChange.objects.filter(pk=subject_id).update(deadline=later)
        Submission.objects.filter(acts__subject_id=subject_id).update(deadline=later)


def _is_settled() -> bool:
    with as_sync():
        return (
            not YoungMove.objects.exists() and not Submission.objects.filter(ended_at=None).exists()
        )


@pytest.mark.parametrize("deployment", ["velocity"])
def test_a_resting_order_follows_every_fork_and_no_act_is_done_twice(trader):
    forked = Forked(trader)
    price = D(forked.sandbox.prices()["SOL"]).quantize(D("0.1")) * D("0.9")
    placed = trader.order(
        key="rest", symbol="SOL", side="long", size=D("0.5"), order_type="limit",
        price=price.quantize(D("0.1")),
    )  # fmt: skip

    # Placed, dropped, and sent again while its blockhash lives: the same bytes.
    forked.drops(placed.id, lambda: forked.order(placed.id).status == "open")
    assert forked.resting() == []
    forked.sandbox.advance(70)
    forked.until(lambda: forked.order(placed.id).status == "pending")
    [message] = _messages(placed.id)
    assert (message.state, message.confirmed_at) == ("sent", None)
    forked.lets_it_land()
    forked.until(lambda: forked.order(placed.id).status == "open" and _is_settled())
    assert [row.attempt for row in _messages(placed.id)] == [1]
    assert len(forked.resting()) == 1

    # Modified and dropped: its old terms, until the same bytes land.
    lower = (price - 5).quantize(D("0.1"))
    change = modify_order(
        user_id=trader.user_id, channel="telegram", key="lower", order_id=placed.id,
        change=ChangeWish(price=lower), now=timezone.now(),
    )  # fmt: skip
    before = forked.order(placed.id)
    forked.drops(change.id, lambda: forked.order(placed.id).price == lower)
    forked.sandbox.advance(70)
    forked.until(lambda: forked.order(placed.id).price == before.price)
    assert forked.order(placed.id).status == "open"
    forked.lets_it_land()
    forked.until(lambda: forked.order(placed.id).price == lower and _is_settled())
    [(_, rests_at)] = forked.resting()
    assert rests_at == lower

    # Cancelled, dropped and dead: it rests again, and the cancel is signed anew.
    change = cancel_orders(
        user_id=trader.user_id, channel="telegram", key="cancel", order_ids=[placed.id],
        now=timezone.now(),
    )  # fmt: skip
    _has_time(change.id)
    forked.drops(change.id, lambda: forked.order(placed.id).status == "cancelled")
    assert len(forked.resting()) == 1
    forked.sandbox.advance(300)
    forked.until(lambda: len(_messages(change.id)) == 2)
    assert forked.order(placed.id).status == "open"
    forked.lets_it_land()
    forked.until(lambda: forked.order(placed.id).status == "cancelled" and _is_settled())
    assert [row.state for row in _messages(change.id)] == ["expired", "finalized"]
    assert forked.resting() == []
    assert trader.positions() == ()
