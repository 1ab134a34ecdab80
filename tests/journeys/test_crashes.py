"""The crash table: a worker is killed at each row, and the act still happens exactly once."""

from decimal import Decimal

import pytest

from chain.models import Submission
from core.roles import as_sync
from tests.desk import run_killed, submission_of, sweep_until
from trading.enums import ORDER_ENDED
from trading.models import Fill, VenueTransfer
from trading.services import read_order
from trading.services.check_identities import compute_identities
from trading.venues.base import get_venue

pytestmark = pytest.mark.journey

# The row of the table, and the function before which the worker dies.
ROWS = {
    "after place, before claim": "chain.services.drive_submission.claim_submission",
    "after claim, before signing": "chain.services.sign_submission._sign",
    "signed, before commit": "chain.services.sign_submission._commit",
    "committed, before sending": "chain.services.drive_submission.send_submission",
    "sent, answer lost": "chain.services.send_submission.move_submission",
    "confirmed, before our commit": "chain.services.collect_evidence._move",
}


@pytest.mark.parametrize(
    ("deployment", "row"),
    [
        # By turns in each run; the other half is as long again.
        pytest.param(deployment, row, marks=[] if place % 2 == number else pytest.mark.long)
        for number, deployment in enumerate(("velocity", "drift"))
        for place, row in enumerate(ROWS)
    ],
)
def test_a_worker_killed_at_any_row_of_the_crash_table_does_each_act_exactly_once(trader, row):
    deposit = trader.deposit("500")
    _kill(row, deposit.id)
    sweep_until(lambda: _transfer(deposit.id).status == "completed")
    opened = trader.order(key="open", symbol="SOL", side="long", size=Decimal("0.5"))
    _kill(row, opened.id)
    sweep_until(
        lambda: read_order(user_id=trader.user_id, order_id=opened.id).status in ORDER_ENDED
    )
    closed = trader.order(key="close", symbol="SOL", side="long", percent=Decimal(100))
    _kill(row, closed.id)
    sweep_until(
        lambda: read_order(user_id=trader.user_id, order_id=closed.id).status in ORDER_ENDED
    )

    assert _transfer(deposit.id).booked_amount == 500
    bought = read_order(user_id=trader.user_id, order_id=opened.id)
    sold = read_order(user_id=trader.user_id, order_id=closed.id)
    assert (bought.status, bought.filled_size) == ("filled", Decimal("0.5"))
    assert (sold.status, sold.filled_size) == ("filled", Decimal("0.5"))
    assert trader.positions() == ()
    _assert_the_chain_holds_each_act_once(trader, messages=3)
    _assert_identities_hold(trader)


def _kill(row: str, subject_id) -> None:
    run_killed(before=ROWS[row], submission_id=submission_of(subject_id).id)


def _transfer(transfer_id) -> VenueTransfer:
    with as_sync():
        return VenueTransfer.objects.get(pk=transfer_id)


def _assert_the_chain_holds_each_act_once(trader, *, messages: int) -> None:
    venue = get_venue(trader.deployment)
    history = venue.read_history(venue.account_address(trader.address), after="")
    kinds = [type(event).__name__ for report in history for event in report.events]
    assert kinds.count("OrderPlaced") == messages - 1
    deposits = [
        event
        for report in history
        for event in report.events
        if getattr(event, "kind", "") == "deposit"
    ]
    assert [event.amount for event in deposits] == [Decimal(500)]
    with as_sync():
        assert Submission.objects.filter(signature__isnull=False).count() == messages


def _assert_identities_hold(trader) -> None:
    venue = get_venue(trader.deployment)
    account = trader.account()
    report = venue.read_accounts([account.address])[0]
    with as_sync():
        markets = {
            row.market_index: row
            for row in venue.market_model.objects.filter(
                deployment=trader.deployment, market_type="perpetual"
            )
        }
        identities = compute_identities(
            venue=venue, account=account, report=report, markets=markets
        )
        assert Fill.objects.filter(account=account.address).exists()
    assert identities
    assert all(identity.holds for identity in identities), identities
