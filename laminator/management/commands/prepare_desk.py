"""`prepare_desk`: what a migrated desk needs before its processes start; harmless to repeat."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.enums import UserRole
from accounts.models import User
from accounts.receivers import ONE_TIME
from core.errors import DeskError
from core.roles import as_admin, as_nobody
from core.tasks import make_partitions
from drift.models import DriftMarket
from drift.tasks import check_gates, sync_markets
from wallets.custody.registry import check_custodians
from wallets.sponsor import sponsor_wallet
from wallets.tasks import sync_balances

FIRST_ADMIN = "admin@desk.example"
_FIRST_RUNS = (make_partitions, check_gates, sync_markets, sync_balances)


class Command(BaseCommand):
    help = (
        "Check custody, make the sponsor's wallet, read the markets, and give the first "
        "administrator a one-time password."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            check_custodians()
            self._say("Sponsor", f"{sponsor_wallet().address} pays first deposits' rent and fees")
            # Beat would begin with these an interval from now; a desk without markets is empty.
            for task in _FIRST_RUNS:
                task()
            with as_nobody():
                markets = DriftMarket.objects.count()
            self._say(
                "Markets", f"{markets} of {', '.join(settings.ENVIRONMENT.venue_deployments)}"
            )
        except DeskError as error:
            # The desk starts all the same: its pages say what is missing, and jobs try again.
            self._say("Not ready", f"{error}; see /ready")
        self._first_admin()

    def _first_admin(self) -> None:
        with as_admin():
            staff = User.objects.exclude(role=UserRole.TRADER)
            admin = staff.filter(email=FIRST_ADMIN, metadata__has_key=ONE_TIME).first()
            if admin is None and staff.exists():
                return
            password = secrets.token_urlsafe(12)
            if admin is None:
                # Once: a hash of a password costs most of the second that this all takes.
                User.objects.create_superuser(
                    email=FIRST_ADMIN, password=password, metadata={ONE_TIME: "unused"}
                )
            else:
                admin.set_password(password)
                admin.metadata |= {ONE_TIME: "unused"}
                admin.save()
        self._say("Sign in", f"{FIRST_ADMIN} with the one-time password {password}")

    def _say(self, what: str, text: str) -> None:
        self.stdout.write(f"{what:<10} {text}")
