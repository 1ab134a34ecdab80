"""Who may sign in, and who is staff."""

import pytest
from django.contrib.auth import authenticate

from accounts.enums import UserRole, UserStatus
from accounts.models import User
from core.roles import as_admin
from tests import factories

STAFF_ROLES = [role for role in UserRole if role != UserRole.TRADER]


@pytest.mark.django_db
def test_the_first_admin_signs_in_with_email_and_password():
    with as_admin():
        made = User.objects.create_superuser(email="Root@DESK.example", password="a long secret")

        assert made.email == "Root@desk.example"
        assert (made.role, made.is_staff, made.is_superuser) == (UserRole.ADMIN, True, True)
        assert "a long secret" not in made.password
        assert authenticate(username="Root@desk.example", password="a long secret") == made
        assert authenticate(username="Root@desk.example", password="another secret") is None


@pytest.mark.django_db
@pytest.mark.parametrize("status", [status for status in UserStatus if status != "active"])
def test_who_is_not_active_does_not_sign_in(status):
    person = factories.staff(status=status)

    with as_admin():
        assert authenticate(username=person.email, password=factories.PASSWORD) is None


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "!", "None", factories.PASSWORD])
def test_no_password_opens_a_traders_account(password):
    trader = factories.user(email="trader@desk.example")

    assert not trader.has_usable_password()
    assert not trader.check_password(password)
    with as_admin():
        assert authenticate(username="trader@desk.example", password=password) is None


@pytest.mark.parametrize("role", UserRole)
def test_every_role_but_the_traders_is_staff(role):
    person = User(email="a@desk.example", role=role)

    assert person.is_staff is (role != UserRole.TRADER)
    assert person.is_superuser is (role == UserRole.ADMIN)
    assert person.has_module_perms("trading") is person.is_staff


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_staff_look_at_everything_and_only_admins_are_let_to_change(role):
    person = User(email="a@desk.example", role=role)

    assert person.has_perm("trading.view_order")
    assert person.has_perm("trading.change_order") is (role == UserRole.ADMIN)


@pytest.mark.parametrize("status", [status for status in UserStatus if status != "active"])
def test_staff_who_are_not_active_may_nothing(status):
    person = User(email="a@desk.example", role=UserRole.ADMIN, status=status)

    assert not person.is_active
    assert not person.has_perm("trading.view_order")
    assert not person.has_module_perms("trading")


def test_a_trader_may_nothing_in_the_back_office():
    trader = User(telegram_id=5)

    assert not trader.has_perm("trading.view_order")


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({"telegram_username": "eva", "email": "e@desk.example"}, "@eva"),
        ({"email": "e@desk.example"}, "e@desk.example"),
        ({"telegram_id": 5}, "telegram 5"),
    ],
)
def test_a_person_is_shown_by_what_is_known_of_them(columns, shown):
    assert str(User(**columns)) == shown
