"""The limits of withdrawals hold against any number at once, and staff never act for themselves."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.errors import Conflict, NotAllowed
from core.roles import as_sync, as_user
from tests import factories
from tests.threads import all_at_once
from wallets.allowances import give_back, reserve, used
from wallets.models import Withdrawal
from wallets.services import (
    approve_withdrawal,
    cancel_withdrawal,
    hold_withdrawal,
    reject_withdrawal,
    release_withdrawals,
)

pytestmark = pytest.mark.django_db


def take(user_id, withdrawal_id, amount, now, limit="1000"):
    with as_user(user_id):
        return reserve(
            user_id=user_id,
            unit="USD",
            withdrawal_id=withdrawal_id,
            amount=Decimal(amount),
            limit=Decimal(limit),
            now=now,
        )


def counted(user_id, now):
    with as_user(user_id):
        return used(user_id=user_id, unit="USD", now=now)


def test_fifty_at_once_never_pass_the_limit():
    person, now = factories.user(), timezone.now()
    ids = [factories.withdrawal(factories.wallet(person)).pk for _ in range(50)]
    outcomes = all_at_once(*[lambda key=key: take(person.pk, key, "90", now) for key in ids])
    assert outcomes.count(True) == 11
    assert outcomes.count(False) == 39
    assert counted(person.pk, now) == 990


def test_fifty_times_the_same_one_counts_once():
    person, now = factories.user(), timezone.now()
    key = factories.withdrawal(factories.wallet(person)).pk
    outcomes = all_at_once(*[lambda: take(person.pk, key, "90", now)] * 50)
    assert outcomes.count(True) == 1
    assert counted(person.pk, now) == 90


def test_what_is_given_back_or_a_day_old_counts_no_more():
    person, now = factories.user(), timezone.now()
    first, second, third = (factories.withdrawal(factories.wallet(person)).pk for _ in range(3))
    assert take(person.pk, first, "600", now)
    assert not take(person.pk, second, "600", now + timedelta(hours=23))
    with as_user(person.pk):
        give_back(user_id=person.pk, unit="USD", withdrawal_id=first, now=now)
    assert take(person.pk, second, "600", now + timedelta(hours=1))
    assert not take(person.pk, third, "600", now + timedelta(hours=24))
    assert take(person.pk, third, "600", now + timedelta(hours=26))


def waiting(**columns):
    now = timezone.now()
    named = {
        "status": "awaiting_approval",
        "confirmed_at": now,
        "release_at": now,
        "expires_at": now + timedelta(hours=23),
    }
    return factories.withdrawal(**named | columns)


def status_of(row):
    with as_sync():
        return Withdrawal.objects.get(pk=row.pk).status


@pytest.mark.parametrize("role", ["trader", "viewer", "support", "ops", "risk"])
def test_other_roles_review_nothing(role):
    row = waiting()
    staff = factories.staff(role)
    for review in (
        lambda: approve_withdrawal(withdrawal_id=row.pk, staff_id=staff.pk, now=timezone.now()),
        lambda: hold_withdrawal(withdrawal_id=row.pk, staff_id=staff.pk, reason="x"),
        lambda: reject_withdrawal(
            withdrawal_id=row.pk, staff_id=staff.pk, reason="x", now=timezone.now()
        ),
    ):
        with pytest.raises(NotAllowed):
            review()
    assert status_of(row) == "awaiting_approval"


def test_nobody_approves_a_withdrawal_of_their_own(owner_sql):
    staff = factories.staff("finance")
    row = waiting(of=factories.wallet(staff))
    with pytest.raises(NotAllowed, match="own_proposal"):
        approve_withdrawal(withdrawal_id=row.pk, staff_id=staff.pk, now=timezone.now())
    assert status_of(row) == "awaiting_approval"


def test_an_approved_one_goes_on_and_a_held_one_waits_for_a_word():
    row, staff = waiting(), factories.staff("finance")
    hold_withdrawal(withdrawal_id=row.pk, staff_id=staff.pk, reason="call them first")
    assert release_withdrawals(now=timezone.now())["released"] == 0
    approve_withdrawal(withdrawal_id=row.pk, staff_id=staff.pk, now=timezone.now())
    assert release_withdrawals(now=timezone.now())["released"] == 1
    assert status_of(row) == "queued"
    with pytest.raises(Conflict):
        reject_withdrawal(
            withdrawal_id=row.pk, staff_id=staff.pk, reason="late", now=timezone.now()
        )


def test_of_two_words_of_staff_at_once_one_counts():
    row, staff = waiting(), [factories.staff("finance") for _ in range(4)]
    approvals = [
        lambda each=each: approve_withdrawal(
            withdrawal_id=row.pk, staff_id=each.pk, now=timezone.now()
        )
        for each in staff[:3]
    ]
    rejection = lambda: reject_withdrawal(  # noqa: E731
        withdrawal_id=row.pk, staff_id=staff[3].pk, reason="not them", now=timezone.now()
    )
    outcomes = all_at_once(*approvals, rejection)
    refused = [each for each in outcomes if each is not None]
    assert all(isinstance(each, Conflict) for each in refused), outcomes
    with as_sync():
        found = Withdrawal.objects.get(pk=row.pk)
    # An approved one still waits, and so may be rejected after it: never the other way round.
    assert (len(refused), found.status) in ((3, "rejected"), (2, "rejected"), (3, "cooling"))
    if found.status == "cooling":
        assert found.approved_by_id == staff[outcomes.index(None)].pk


def test_one_without_a_code_is_approved_by_nobody_and_ends_by_itself():
    row, staff = factories.withdrawal(), factories.staff("finance")
    with pytest.raises(Conflict):
        approve_withdrawal(withdrawal_id=row.pk, staff_id=staff.pk, now=timezone.now())
    release_withdrawals(now=timezone.now() + timedelta(minutes=16))
    assert status_of(row) == "not_executed"


def test_of_a_cancel_and_a_release_at_once_one_wins():
    row = waiting(status="cooling")
    outcomes = all_at_once(
        lambda: (
            cancel_withdrawal(user_id=row.user_id, withdrawal_id=row.pk, now=timezone.now()).status
        ),
        lambda: release_withdrawals(now=timezone.now())["released"],
    )
    assert status_of(row) in ("cancelled", "queued")
    assert (outcomes[1] == 1) == (status_of(row) == "queued")
