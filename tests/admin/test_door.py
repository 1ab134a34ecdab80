"""Who gets into the back office, and what is told of it."""

import pytest
from django.test import Client

from audit.models import AuditLog
from core.roles import as_admin
from tests import factories

LOGIN = "/admin/login/"


@pytest.fixture
def browser(db):
    return Client(HTTP_HOST="localhost")


def _entries(action):
    with as_admin():
        return list(AuditLog.objects.filter(action=action).order_by("id"))


def _log_in(browser, email, password=factories.PASSWORD):
    return browser.post(LOGIN, {"username": email, "password": password, "next": "/admin/"})


def test_staff_come_in_by_email_and_password_and_it_is_recorded(browser):
    member = factories.staff("support")

    answer = _log_in(browser, member.email)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert browser.get("/admin/accounts/user/").status_code == 200
    (entry,) = _entries("staff.login")
    assert entry.actor_id == member.pk
    assert entry.channel == "admin"
    assert entry.ip_address == "127.0.0.1"
    assert entry.trace_id == answer.headers["X-Request-Id"]


def test_leaving_is_recorded(browser):
    member = factories.staff()
    _log_in(browser, member.email)

    browser.post("/admin/logout/")

    assert [entry.actor_id for entry in _entries("staff.logout")] == [member.pk]
    assert browser.get("/admin/accounts/user/").status_code == 302


def test_a_wrong_password_is_recorded_without_what_was_typed(browser):
    member = factories.staff()

    answer = _log_in(browser, member.email, "hunter2-planted")
    _log_in(browser, "hunter3-planted@typed.example", "hunter4-planted")
    _log_in(browser, "nul\x00l", "x")

    assert answer.status_code == 200
    known, unknown = _entries("staff.login_failed")[:2]
    assert known.resource_id == str(member.pk)
    assert unknown.resource_id == "unknown"
    with as_admin():
        for entry in AuditLog.objects.all():
            told = f"{entry.old_values} {entry.new_values} {entry.resource_id}"
            assert "planted" not in told


@pytest.mark.parametrize("status", ["suspended", "banned"])
def test_staff_who_are_not_active_stay_out(browser, status):
    member = factories.staff(status=status)

    assert _log_in(browser, member.email).status_code == 200
    assert browser.get("/admin/").status_code == 302


def test_a_trader_with_an_email_stays_out(browser):
    trader = factories.user(email="trader@example.com")

    assert _log_in(browser, trader.email, "").status_code == 200
    assert _log_in(browser, trader.email, "!").status_code == 200
    assert browser.get("/admin/").status_code == 302


def test_a_trader_who_is_logged_in_sees_no_page(browser):
    trader = factories.user()
    with as_admin():
        browser.force_login(trader, backend="django.contrib.auth.backends.ModelBackend")

    for path in ("/admin/", "/admin/accounts/user/", "/admin/audit/auditlog/"):
        assert browser.get(path).status_code == 302


def test_suspended_staff_lose_their_open_session(browser):
    member = factories.staff()
    _log_in(browser, member.email)
    with as_admin():
        member.status = "suspended"
        member.save()

    assert browser.get("/admin/accounts/user/").status_code == 302


def test_a_form_without_its_token_is_refused(db):
    strict = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)

    assert strict.post(LOGIN, {"username": "a@b.c", "password": "x"}).status_code == 403


def test_without_a_database_the_back_office_says_so(browser, unreachable_database):
    answer = browser.get("/admin/")

    assert answer.status_code == 503
    assert b"The database does not answer" in answer.content
    assert answer.headers["Retry-After"] == "5"
