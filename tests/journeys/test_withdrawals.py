"""Money leaves the house: by a code, to the book's address, once, whatever is killed between."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Intent
from audit.models import AuditLog
from chain.models import Submission
from chain.services import drive_submission, sweep_submissions
from core.errors import Misconfigured, Refused
from core.roles import as_sync
from tests.desk import Trader, new_telegram_id, run_killed, sweep_until
from tests.journeys.test_crashes import ROWS
from tests.withdrawer import Withdrawer
from trading.models import VenueTransfer
from trading.services import fund_withdrawals, place_venue_withdrawal
from trading.venues.base import get_venue
from wallets.chain_balances import read_chain_balances
from wallets.models import Withdrawal, WithdrawalAllowance
from wallets.services import read_withdrawal
from wallets.services.release_withdrawals import queue_message

pytestmark = pytest.mark.journey


@pytest.fixture
def person(desk):
    return Withdrawer(Trader(desk, "drift", new_telegram_id()).arrive())


def status_of(person, withdrawal):
    return read_withdrawal(user_id=person.user_id, withdrawal_id=withdrawal.id)


def on_its_way(person, amount="100", token="USDC", **how):
    placed = person.prepare(amount, token=token, **how)
    assert placed.status == "awaiting_code"
    assert person.confirm(placed).status == "cooling"
    assert person.release() == {"due": 1, "released": 1}
    return placed


def until_ended(person, withdrawal):
    sweep_until(lambda: status_of(person, withdrawal).ended_at is not None)
    return status_of(person, withdrawal)


@pytest.mark.parametrize(("token", "amount"), [("USDC", "100"), ("USDT", "12.5"), ("SOL", "0.5")])
def test_a_withdrawal_reaches_the_address_exactly_and_is_final(person, settings, token, amount):
    before = person.held(token)
    placed = on_its_way(person, amount, token)
    person.drive(placed, settings)
    ended = until_ended(person, placed)
    assert (ended.status, ended.sent_amount) == ("finalized", Decimal(amount))
    assert person.arrived(token) == Decimal(amount)
    spent = before - person.held(token)
    assert spent == (Decimal(amount) if token != "SOL" else Decimal(amount) + ended.fee_sol)
    with as_sync():
        assert Intent.objects.get(pk=placed.id).status == "executed"


def test_a_process_without_the_key_signs_nothing(person):
    placed = on_its_way(person)
    submission = person.submission(placed)
    assert submission.lane == "withdrawal"
    # The sweep of the trading workers leaves it where it is.
    sweep_submissions(now=timezone.now() + timedelta(seconds=10))
    assert person.submission(placed).state == "queued"
    with pytest.raises(Misconfigured, match="signer_key_missing"):
        drive_submission(submission_id=submission.id)
    assert person.submission(placed).state == "queued"
    assert person.arrived("USDC") == 0


@pytest.mark.parametrize("row", ROWS)
def test_killed_at_any_step_it_leaves_exactly_once(person, row, settings):
    placed = on_its_way(person)
    submission = person.submission(placed)
    run_killed(before=ROWS[row], submission_id=submission.id, withdrawals=True)
    if person.submission(placed).state in ("queued", "claimed"):
        person.drive(placed, settings)
    assert until_ended(person, placed).status == "finalized"
    assert person.arrived("USDC") == 100
    with as_sync():
        assert Submission.objects.filter(acts__subject_id=placed.id).count() == 1


def test_books_that_were_set_back_pay_nothing_twice(person, settings, owner_sql):
    placed = on_its_way(person)
    person.drive(placed, settings)
    until_ended(person, placed)
    # As a backup from between release and signing has them; even the message's row is gone.
    with as_sync():
        Submission.objects.all().delete()
        Withdrawal.objects.update(
            status="cooling", tx_hash="", ended_at=None, release_at=timezone.now()
        )
        Intent.objects.filter(pk=placed.id).update(status="open", ended_at=None)
    person.release(after=timedelta(0))
    assert person.submission(placed).state == "queued"
    person.drive(placed, settings)
    found = status_of(person, placed)
    assert (found.status, found.reason) == ("finalized", "withdrawal.found_on_chain")
    assert person.submission(placed).signature is None
    # Or from after a first attempt: the message that landed bears another number.
    with as_sync():
        Submission.objects.all().delete()
        Withdrawal.objects.update(
            status="queued", tx_hash="", ended_at=None,
            expires_at=timezone.now() + timedelta(minutes=5),
        )  # fmt: skip
        queue_message(Withdrawal.objects.get(), attempt=2)
    person.drive(placed, settings)
    assert status_of(person, placed).reason == "withdrawal.found_on_chain"
    assert person.arrived("USDC") == 100


def test_a_freeze_between_release_and_signing_stops_it(person, settings):
    placed = on_its_way(person)
    with as_sync():
        type(Intent.objects.get(pk=placed.id).user).objects.update(trading_state="halted")
    person.drive(placed, settings)
    ended = status_of(person, placed)
    assert (ended.status, ended.reason) == ("not_executed", "withdrawal.frozen")
    assert person.submission(placed).signature is None
    with as_sync():
        assert WithdrawalAllowance.objects.get().reservations == {}
        assert AuditLog.objects.filter(action="withdrawal.not_executed").count() == 1
    assert person.arrived("USDC") == 0


def test_a_message_that_waited_past_its_deadline_is_never_signed(person, settings):
    placed = on_its_way(person)
    sweep_submissions(now=timezone.now() + timedelta(minutes=30))
    ended = status_of(person, placed)
    assert (ended.status, ended.reason) == ("not_executed", "submission.deadline_passed")
    with as_sync():
        assert WithdrawalAllowance.objects.get().reservations == {}


def test_sol_keeps_a_reserve_and_names_exactly_what_is_missing(person):
    held = person.held("SOL")
    with pytest.raises(Refused) as caught:
        person.prepare(str(held), token="SOL")
    assert caught.value.code == "withdrawal.sol_missing"
    missing = Decimal(caught.value.params["missing"])
    placed = person.prepare(str(held - missing), token="SOL", key="two")
    assert placed.status == "awaiting_code"


# From the venue.


def from_venue(trader, amount, key="back"):
    return place_venue_withdrawal(
        user_id=trader.user_id,
        channel="telegram",
        key=key,
        deployment=trader.deployment,
        token_symbol=get_venue(trader.deployment).quote_symbol,
        amount=Decimal(amount),
        now=timezone.now(),
    )


def transfer_of(transfer_id):
    with as_sync():
        return VenueTransfer.objects.get(pk=transfer_id)


@pytest.mark.parametrize("deployment", ["velocity", "drift"])
def test_money_comes_back_from_the_venue_as_its_record_says(desk, deployment):
    trader = Trader(desk, deployment, new_telegram_id()).arrive()
    deposited = trader.deposit("500")
    sweep_until(lambda: transfer_of(deposited.id).status == "completed")
    with pytest.raises(Refused) as caught:
        from_venue(trader, "501")
    assert caught.value.code == "venue_withdrawal.too_much"
    placed = from_venue(trader, "200")
    assert from_venue(trader, "200").id == placed.id
    sweep_until(lambda: transfer_of(placed.id).status == "completed")
    booked = transfer_of(placed.id).booked_amount
    token = get_venue(deployment).quote_symbol
    held = read_chain_balances([trader.address])[trader.address].amounts[token]
    assert held == 500 + booked
    assert booked == 200


def test_a_withdrawal_waits_for_its_venue_and_sends_what_came(desk, settings):
    trader = Trader(desk, "drift", new_telegram_id()).arrive()
    deposited = trader.deposit("900")
    sweep_until(lambda: transfer_of(deposited.id).status == "completed")
    person = Withdrawer(trader)
    placed = person.prepare("300", source_deployment="drift")
    person.confirm(placed)
    person.release()
    assert status_of(person, placed).status == "awaiting_venue"

    def funded():
        fund_withdrawals(now=timezone.now())
        return status_of(person, placed).status == "queued"

    sweep_until(funded)
    person.drive(placed, settings)
    assert until_ended(person, placed).status == "finalized"
    assert person.arrived("USDC") == 300
    with as_sync():
        assert VenueTransfer.objects.filter(kind="withdrawal").count() == 1
