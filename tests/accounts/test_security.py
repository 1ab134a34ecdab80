"""Codes, links, sessions, locks and the second channel."""

import re
from base64 import b32decode
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.enums import LinkPurpose
from accounts.models import SecurityNotice, UserSession, WebLink
from accounts.services import (
    change_email,
    check_totp,
    confirm_totp,
    enrol_totp,
    find_session,
    list_sessions,
    look_at_link,
    make_link,
    note_past_small_limit,
    open_session,
    read_security,
    require_unlocked,
    reset_totp,
    revoke_session,
    use_link,
    want_email,
)
from accounts.services.notices import send_notices
from core.errors import Conflict, NotFound, RateLimited, Refused
from core.roles import as_sync
from core.uuid7 import uuid7
from tests import factories
from tests.authenticator import Authenticator, forget_used_codes
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db):
    return factories.user(email="tess@example.com")


@pytest.fixture
def device(person):
    return Authenticator(person.pk, timezone.now())


@pytest.fixture
def mails(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []

    def sent():
        send_notices(now=timezone.now())
        return mail.outbox

    return sent


def check(person, code, now=None):
    check_totp(user_id=person.pk, code=code, now=now or timezone.now())


def test_a_code_is_used_once(person, device):
    code = device.code()
    check(person, code)
    with pytest.raises(Refused, match="totp_wrong"):
        check(person, code)


def test_of_many_who_bring_one_code_at_once_one_gets_in(person, device):
    code = device.code()
    outcomes = all_at_once(*[lambda: check(person, code)] * 12)
    assert outcomes.count(None) == 1


def test_wrong_codes_make_the_next_try_wait_even_a_right_one(person, device):
    right = device.code()
    with pytest.raises(Refused, match="totp_wrong"):
        check(person, "000000" if right != "000000" else "111111")
    with pytest.raises(RateLimited) as caught:
        check(person, right)
    assert caught.value.params["retry_after"] >= 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345", "1e5000"])
def test_what_is_no_code_is_wrong_and_counts_as_a_try(person, device, typed):
    device.code()
    with pytest.raises(Refused, match="totp_wrong"):
        check(person, typed)
    with as_sync():
        assert TOTPDevice.objects.get(user=person).throttling_failure_count == 1


def test_without_a_device_no_code_is_right(person):
    with pytest.raises(Refused, match="totp_needed"):
        check(person, "123456")


def test_a_device_counts_only_when_its_first_code_has_confirmed_it(person):
    session = uuid7()
    enrolment = enrol_totp(user_id=person.pk, asked_by=session)
    assert enrol_totp(user_id=person.pk, asked_by=session) == enrolment
    code = f"{totp(b32decode(enrolment.secret)):06d}"
    with pytest.raises(Refused, match="totp_needed"):
        check(person, code)
    assert read_security(user_id=person.pk, now=timezone.now()).has_totp is False
    confirm_totp(user_id=person.pk, asked_by=session, code=code, now=timezone.now())
    facts = read_security(user_id=person.pk, now=timezone.now())
    assert (facts.has_totp, facts.withdrawals_locked_until) == (True, None)
    with pytest.raises(Conflict):
        enrol_totp(user_id=person.pk, asked_by=session)


def test_who_saw_the_page_first_knows_nothing_of_the_owners_device(person):
    """A stolen chat opens the page too: it would go on knowing every code of the owner's."""
    thief, owner = uuid7(), uuid7()
    seen = enrol_totp(user_id=person.pk, asked_by=thief)
    own = enrol_totp(user_id=person.pk, asked_by=owner)
    assert own.secret != seen.secret

    def code_of(enrolment):
        return f"{totp(b32decode(enrolment.secret)):06d}"

    def confirm(session, enrolment):
        confirm_totp(
            user_id=person.pk, asked_by=session, code=code_of(enrolment), now=timezone.now()
        )

    with pytest.raises(Refused, match="totp_wrong"):
        confirm(owner, seen)
    forget_used_codes(person.pk)
    confirm(owner, own)
    with pytest.raises(Refused):
        confirm(thief, seen)
    with as_sync():
        assert TOTPDevice.objects.get(user=person).confirmed
    forget_used_codes(person.pk)
    with pytest.raises(Refused, match="totp_wrong"):
        check(person, code_of(seen))


def test_of_two_sessions_that_confirm_at_once_one_has_its_device(person):
    sessions = [uuid7() for _ in range(4)]
    shown = [enrol_totp(user_id=person.pk, asked_by=each) for each in sessions]

    def confirm(session, enrolment):
        code = f"{totp(b32decode(enrolment.secret)):06d}"
        confirm_totp(user_id=person.pk, asked_by=session, code=code, now=timezone.now())

    outcomes = all_at_once(
        *[lambda pair=pair: confirm(*pair) for pair in zip(sessions, shown, strict=True)]
    )
    assert outcomes.count(None) == 1, outcomes
    with as_sync():
        assert TOTPDevice.objects.get(user=person).name == str(sessions[outcomes.index(None)])


def test_a_first_device_after_much_money_locks_withdrawals(person):
    now = timezone.now()
    with as_sync():
        note_past_small_limit(user_id=person.pk, now=now)
    Authenticator(person.pk, now, before_money=False)
    with pytest.raises(Refused, match="withdrawals_locked"):
        require_unlocked(user_id=person.pk, now=now + timedelta(hours=71))
    require_unlocked(user_id=person.pk, now=now + timedelta(hours=73))


def test_a_reset_by_staff_locks_withdrawals_and_is_told(person, device, mails):
    now = timezone.now()
    reset_totp(user_id=person.pk, staff_id=factories.staff().pk, now=now)
    with pytest.raises(Refused, match="totp_needed"):
        check(person, device.code())
    with pytest.raises(Refused, match="withdrawals_locked"):
        require_unlocked(user_id=person.pk, now=now)
    assert [each.subject for each in mails()] == [
        "An authenticator was enrolled",
        "Your authenticator was reset",
    ]


# Links.


def token_of(link):
    return re.search(r"/desk/link\?t=([\w-]{40,})$", link)[1]


def a_link(person, **how):
    made = make_link(user_id=person.pk, purpose=LinkPurpose.SIGN_IN, now=timezone.now(), **how)
    return token_of(made)


def test_a_link_is_looked_at_often_and_used_once(person):
    token = a_link(person)
    for _ in range(3):
        assert look_at_link(token=token, now=timezone.now()).user_id == person.pk
    outcomes = all_at_once(*[lambda: use_link(token=token, now=timezone.now())] * 10)
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
    for ask in (look_at_link, use_link):
        with pytest.raises(Refused, match=r"link\.not_open"):
            ask(token=token, now=timezone.now())


def test_an_old_link_and_an_invented_one_open_nothing(person):
    token = a_link(person)
    with pytest.raises(Refused, match=r"link\.not_open"):
        use_link(token=token, now=timezone.now() + timedelta(minutes=11))
    with pytest.raises(Refused, match=r"link\.not_open"):
        use_link(token="x" * 43, now=timezone.now())


def test_the_books_do_not_hold_what_opens_a_link(person, owner_sql):
    token = a_link(person)
    with as_sync():
        row = WebLink.objects.get()
    assert token not in str(owner_sql.execute("SELECT * FROM web_links").fetchall())
    assert token not in str(owner_sql.execute("SELECT * FROM audit_logs").fetchall())
    assert row.token_hash not in str(owner_sql.execute("SELECT * FROM audit_logs").fetchall())


# Sessions.


def test_a_session_ends_by_idleness_by_age_and_by_its_person(person):
    now = timezone.now()
    token = open_session(user_id=person.pk, ip_address="203.0.113.9", user_agent="x", now=now)
    found = find_session(token=token, now=now + timedelta(minutes=5))
    assert found.user_id == person.pk
    assert find_session(token=token, now=now + timedelta(hours=3)) is None
    assert find_session(token="", now=now) is None
    revoke_session(user_id=person.pk, session_id=found.id, now=now)
    assert find_session(token=token, now=now) is None
    assert list_sessions(user_id=person.pk, now=now) == ()
    with as_sync():
        assert token not in str(UserSession.objects.values())


def test_anothers_session_is_not_found(person):
    now = timezone.now()
    open_session(user_id=person.pk, ip_address=None, user_agent="", now=now)
    [session] = list_sessions(user_id=person.pk, now=now)
    with pytest.raises(NotFound):
        revoke_session(user_id=factories.user().pk, session_id=session.id, now=now)
    assert list_sessions(user_id=person.pk, now=now) == (session,)


# The second channel.


def test_a_new_email_is_confirmed_by_the_link_that_went_to_it(person, device, mails):
    now = timezone.now()
    want_email(user_id=person.pk, email=" New@Example.com ", code=device.code(), now=now)
    [*_, wanted] = mails()
    assert wanted.to == ["new@example.com"]
    link = use_link(token=re.search(r"\?t=([\w-]+)", wanted.body)[1], now=now)
    change_email(link=link, now=now)
    assert read_security(user_id=person.pk, now=now).email == "new@example.com"
    with pytest.raises(Refused, match="withdrawals_locked"):
        require_unlocked(user_id=person.pk, now=now)
    # The old address is told, and by it alone could it be known in time.
    assert mails()[-1].to == ["tess@example.com"]


def test_without_a_code_no_email_is_changed_or_written_to(person, device, mails):
    before = len(mails())
    with pytest.raises(Refused, match="totp_wrong"):
        want_email(user_id=person.pk, email="a@b.example", code="1", now=timezone.now())
    forget_used_codes(person.pk)
    with pytest.raises(Refused, match=r"email\.malformed"):
        want_email(user_id=person.pk, email="a@b", code=device.code(), now=timezone.now())
    assert len(mails()) == before


def test_a_mail_that_cannot_be_sent_is_sent_later(person, device, settings, mails):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    now = timezone.now()
    assert send_notices(now=now) == {"due": 1, "sent": 0}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_notices(now=now + timedelta(minutes=1))["sent"] == 1
    with as_sync():
        assert SecurityNotice.objects.get().sent_at is not None
