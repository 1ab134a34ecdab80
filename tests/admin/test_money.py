"""What staff do about money in the back office: as a second person, by their role, in the log."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import read_security
from audit.models import AuditLog
from core.roles import as_admin, as_sync
from tests import factories
from tests.authenticator import Authenticator
from wallets.models import Withdrawal

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    """A member of staff of a role, and their browser."""

    def enter(role="finance", member=None):
        browser = Client(HTTP_HOST="localhost")
        with as_admin():
            member = member or factories.staff(role)
            browser.force_login(member)
        return member, browser

    return enter


def waiting(status="awaiting_approval", of=None, **columns):
    with as_sync():
        held = factories.wallet(of) if of else factories.wallet()
        now = timezone.now()
        return factories.withdrawal(
            held, status=status, confirmed_at=now, release_at=now, **columns
        )


def act(browser, model, action, *rows, **fields):
    page = reverse(f"admin:{model}_changelist")
    body = {"action": action, "_selected_action": [str(row.pk) for row in rows], **fields}
    return browser.post(page, body, follow=True)


def status(row):
    with as_sync():
        found = Withdrawal.objects.get(pk=row.pk)
    return found.status, found.status_reason


def test_finance_approves_and_the_log_says_who(staff):
    member, browser = staff()
    row = waiting()
    assert act(browser, "wallets_withdrawal", "approve", row).status_code == 200
    assert status(row)[0] == "cooling"
    with as_sync():
        assert Withdrawal.objects.get(pk=row.pk).approved_by_id == member.pk
        logged = AuditLog.objects.get(action="withdrawal.approved")
    assert logged.new_values["staff"] == str(member.pk)


def test_nobody_approves_their_own(staff):
    member, browser = staff()
    row = waiting(of=member)
    answer = act(browser, "wallets_withdrawal", "approve", row)
    assert b"withdrawal.own_proposal" in answer.content
    assert status(row)[0] == "awaiting_approval"
    with as_sync():
        assert not AuditLog.objects.filter(action="withdrawal.approved").exists()


@pytest.mark.parametrize("role", ["viewer", "support", "ops", "risk"])
@pytest.mark.parametrize("action", ["approve", "hold", "reject"])
def test_no_other_role_reviews_withdrawals(staff, role, action):
    _, browser = staff(role)
    row = waiting()
    act(browser, "wallets_withdrawal", action, row)
    assert status(row)[0] == "awaiting_approval"


def test_what_is_held_or_rejected_keeps_its_reason(staff):
    _, browser = staff()
    held, gone = waiting("cooling"), waiting()
    act(browser, "wallets_withdrawal", "hold", held, reason="calls  the person back")
    act(browser, "wallets_withdrawal", "reject", gone, reason="not theirs")
    assert status(held) == ("held", "calls the person back")
    assert status(gone) == ("rejected", "not theirs")
    with as_sync():
        assert AuditLog.objects.filter(action="withdrawal.held").exists()
        assert AuditLog.objects.filter(action="withdrawal.reviewed").exists()


def test_what_cannot_be_approved_keeps_no_other(staff):
    _, browser = staff()
    sent, row = waiting("sent"), waiting()
    answer = act(browser, "wallets_withdrawal", "approve", sent, row)
    assert b"withdrawal.not_waiting" in answer.content
    assert (status(sent)[0], status(row)[0]) == ("sent", "cooling")


def test_support_takes_a_lost_authenticator_away_and_withdrawals_are_locked(staff):
    member, browser = staff("support")
    now = timezone.now()
    with as_sync():
        person = factories.user()
    Authenticator(person.pk, now)
    act(browser, "accounts_user", "take_authenticator", person)
    found = read_security(user_id=person.pk, now=now)
    assert (found.has_totp, found.lock_reason) == (False, "totp_reset")
    assert (found.withdrawals_locked_until - now).total_seconds() >= 72 * 3600
    with as_sync():
        logged = AuditLog.objects.get(action="user.totp_reset")
    assert logged.new_values["staff"] == str(member.pk)


@pytest.mark.parametrize("role", ["viewer", "ops", "risk", "finance"])
def test_no_other_role_takes_authenticators_away(staff, role):
    _, browser = staff(role)
    with as_sync():
        person = factories.user()
    Authenticator(person.pk, timezone.now())
    act(browser, "accounts_user", "take_authenticator", person)
    with as_sync():
        assert User.objects.get(pk=person.pk).two_factor_enabled is True
