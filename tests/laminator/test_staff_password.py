"""How staff get in: a printed password that opens the door once."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from core.roles import as_admin
from tests import factories

ADDRESS = "kim@desk.example"


def _password(*arguments):
    said = io.StringIO()
    call_command("staff_password", *arguments, stdout=said)
    return said.getvalue().split()[-1]


def _comes_in(email, password):
    browser = Client(HTTP_HOST="localhost")
    browser.post("/admin/login/", {"username": email, "password": password, "next": "/admin/"})
    return browser.get("/admin/accounts/user/").status_code == 200


def test_a_new_member_of_staff_signs_in_with_it_exactly_once(db):
    password = _password(ADDRESS, "--role", "support")

    assert _comes_in(ADDRESS, password)
    assert not _comes_in(ADDRESS, password)
    with as_admin():
        assert User.objects.get(email=ADDRESS).role == "support"
        recorded = AuditLog.objects.filter(action="user.created").values_list("new_values")
        assert password not in str(list(recorded))


def test_a_known_member_gets_another_and_the_old_one_opens_nothing(db):
    old = _password(ADDRESS, "--role", "viewer")
    new = _password(ADDRESS, "--role", "ops")

    assert not _comes_in(ADDRESS, old)
    assert _comes_in(ADDRESS, new)
    with as_admin():
        assert User.objects.get(email=ADDRESS).role == "ops"


def test_a_new_password_ends_open_sessions(db):
    browser = Client(HTTP_HOST="localhost")
    first = {"username": ADDRESS, "password": _password(ADDRESS, "--role", "ops")}
    browser.post("/admin/login/", first)
    assert browser.get("/admin/accounts/user/").status_code == 200

    _password(ADDRESS)

    assert browser.get("/admin/accounts/user/").status_code == 302


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((ADDRESS,), "nobody on the staff has"),
        (("no address", "--role", "ops"), "is no email address"),
        ((ADDRESS, "--role", "trader"), "invalid choice"),
        (("trader@desk.example", "--role", "admin"), "is a trader's"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nobody(db, arguments, said):
    factories.user(email="trader@desk.example")

    with pytest.raises(CommandError, match=said):
        _password(*arguments)

    with as_admin():
        assert list(User.objects.values_list("email", "role")) == [
            ("trader@desk.example", "trader")
        ]
