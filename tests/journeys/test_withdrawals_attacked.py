"""Withdrawals under attack: a memo that somebody forged, a database that was set back."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Intent
from chain.services import drive_submission
from core.roles import as_sync
from tests.copies import Copies
from tests.desk import Trader, new_telegram_id, sweep_until
from tests.solana_transactions import pay_with_memo
from tests.withdrawer import Withdrawer, withdraw_key
from trading.services import watch_desk
from wallets.models import Withdrawal, WithdrawalAllowance
from wallets.services import read_withdrawal

pytestmark = pytest.mark.journey


@pytest.fixture
def person(desk):
    return Withdrawer(Trader(desk, "drift", new_telegram_id()).arrive())


@pytest.fixture
def copies(_database, owner_sql):
    found = Copies(_database, owner_sql)
    yield found
    found.forget()


def state_of(person, withdrawal):
    return read_withdrawal(user_id=person.user_id, withdrawal_id=withdrawal.id)


def sent(desk, person, settings, *withdrawals):
    """The withdrawal worker's part and the chain's: each signed, sent and final."""
    with withdraw_key(settings):
        for each in withdrawals:
            drive_submission(submission_id=person.submission(each).id, follow=False)
    desk.advance(40)
    sweep_until(lambda: all(state_of(person, each).ended_at for each in withdrawals))
    return [state_of(person, each).status for each in withdrawals]


def test_a_strangers_memo_does_not_pass_for_the_payment(desk, person, settings):
    """Whoever knows the message's id may write it beside the wallet's address."""
    placed = person.prepare("100")
    person.confirm(placed)
    person.release()
    pay_with_memo(desk, person.trader.address, str(person.submission(placed).id))
    desk.advance(40)

    assert sent(desk, person, settings, placed) == ["finalized"]
    assert state_of(person, placed).reason == ""
    assert person.arrived("USDC") == 100


def test_what_left_after_the_copy_was_made_is_told_as_sent_and_counts(
    desk, person, copies, settings
):
    """Else a person is told that nothing was moved, and sends the same once more."""
    watch_desk(now=timezone.now())
    cooling, unconfirmed = person.prepare("100"), person.prepare("30", key="two")
    person.confirm(cooling)
    copies.keep()
    person.confirm(unconfirmed)
    forgotten = person.prepare("7", key="three")
    person.confirm(forgotten)
    person.release()
    assert sent(desk, person, settings, cooling, unconfirmed, forgotten) == ["finalized"] * 3
    watch_desk(now=timezone.now())

    copies.put_back()
    watch_desk(now=timezone.now())
    desk.advance(400)
    call_command("reconcile_after_restore", stdout=StringIO())
    person.release(after=timedelta(minutes=11))
    person.release(after=timedelta(days=2))

    for placed in (cooling, unconfirmed):
        told = state_of(person, placed)
        assert (told.status, told.sent_amount) == ("finalized", placed.amount)
        assert told.signature
        with as_sync():
            assert Intent.objects.get(pk=placed.id).status == "executed"
    with as_sync():
        # Also what the copy knows nothing of has left within the day.
        other = Withdrawal.objects.exclude(pk__in=[cooling.id, unconfirmed.id]).get()
        assert (other.status, other.sent_amount, other.address_id) == (
            "finalized", 7, person.address.id,
        )  # fmt: skip
        [allowance] = WithdrawalAllowance.objects.all()
    counted = [Decimal(each["amount"]) for each in allowance.reservations.values()]
    assert sorted(counted) == [7, 30, 100]
    assert person.arrived("USDC") == 137
