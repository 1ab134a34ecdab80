"""`staff_password`: a one-time password for a member of staff, who is added if need be."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts.enums import UserRole
from accounts.models import User
from accounts.receivers import ONE_TIME
from core.context import acting_in
from core.roles import as_admin

STAFF_ROLES = tuple(role.value for role in UserRole if role is not UserRole.TRADER)


class Command(BaseCommand):
    help = (
        "Print a password that lets a member of staff sign in once. Without --role the person "
        "must be on the staff already; with it, they are added, or their role is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", choices=STAFF_ROLES)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        # A new password ends the sessions that the old one opened.
        password = secrets.token_urlsafe(12)
        with acting_in(channel="system"), as_admin():
            member = _member(email=_checked(options["email"]), role=options["role"])
            member.set_password(password)
            member.metadata |= {ONE_TIME: "unused"}
            member.save()
        self.stdout.write(
            f"{member.email} ({member.role}) signs in once with the password {password}"
        )


def _checked(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(f"{email!r} is no email address") from error
    return str(User.objects.normalize_email(email))


def _member(*, email: str, role: str | None) -> User:
    """The row to write. A trader never becomes staff by this: their rows are another matter."""
    member = User.objects.select_for_update().filter(email=email).first()
    if member is not None and member.role == UserRole.TRADER:
        raise CommandError(f"{email} is a trader's; staff need an address of their own")
    if member is None:
        if role is None:
            raise CommandError(f"nobody on the staff has {email}; --role adds them")
        return User(email=email, role=role)
    if role is not None:
        member.role = role
    return member
