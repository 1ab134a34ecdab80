"""`backfill_user`: read a person's venue accounts anew, from their first transaction on."""

import uuid
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)
from django.utils import timezone

from accounts.models import User
from core.context import acting_in
from core.errors import DeskError
from core.roles import as_admin, as_sync
from trading.models import Fill, VenueAccount
from trading.services import reconcile_account
from trading.venues.base import get_venue
from wallets.models import Wallet

_HELP = """\
Book what the venues' records say of a person and our tables do not: orders, fills, positions,
deposits, funding, charges. Reads every transaction that the nodes still have of each of the
person's venue accounts, and makes the row of an account that was lost.

What is booked already stays as it is. Each account is booked by itself, wholly or not at all, so
that it may be stopped at any moment, or killed: repeat it, and it does what is left.

  manage.py backfill_user 123456789
"""


class _AsWritten(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """The lines of the help as they are."""


class Command(BaseCommand):
    help = _HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=_AsWritten, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "user", metavar="TELEGRAM_ID_OR_UUID", help="the person's Telegram id, or our own id"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        person = _find(options["user"])
        with acting_in(channel="system"):
            try:
                accounts = _accounts(person)
                for number, account in enumerate(accounts, 1):
                    self.stdout.write(
                        f"{number} of {len(accounts)}: reading {account.deployment} "
                        f"{account.address} ..."
                    )
                    self.stdout.flush()
                    self._read_anew(account)
            except DeskError as error:
                raise CommandError(f"stopped: {error}. Repeat it; nothing is lost.") from error
        if not accounts:
            self.stdout.write("This person has no account at any venue.")

    def _read_anew(self, account: VenueAccount) -> None:
        before = _counts(account)
        reconcile_account(account_id=account.pk, now=timezone.now(), from_the_start=True)
        told = ", ".join(
            f"{now} {what} ({now - before[what]:+})" for what, now in _counts(account).items()
        )
        self.stdout.write(f"{account.deployment} {account.address}: {told}")


def _find(typed: str) -> User:
    """Telegram ids are numbers; ours are UUIDs."""
    wanted: dict[str, Any]
    try:
        if typed.isascii() and typed.isdigit() and len(typed) < len(str(2**63)):
            wanted = {"telegram_id": int(typed)}
        else:
            wanted = {"pk": uuid.UUID(typed)}
    except ValueError as error:
        raise CommandError(f"{typed!r} is neither a Telegram id nor a user's id") from error
    with as_admin():
        person = User.objects.filter(**wanted).first()
    if person is None:
        raise CommandError(f"there is no user {typed}")
    return person


def _accounts(person: User) -> list[VenueAccount]:
    """Every account of the person's wallets; a row that was lost is made when the chain has it."""
    with as_sync():
        wallets = list(Wallet.objects.filter(user=person))
    for wallet in wallets:
        for deployment in settings.VENUES:
            _ensure_row(wallet, deployment)
    with as_sync():
        traded = VenueAccount.objects.filter(
            wallet__in=wallets, deployment__in=list(settings.VENUES)
        )
        return list(traded.order_by("deployment"))


def _ensure_row(wallet: Wallet, deployment: str) -> None:
    with as_sync():
        if VenueAccount.objects.filter(wallet=wallet, deployment=deployment).exists():
            return
    venue = get_venue(deployment)
    address = venue.account_address(wallet.wallet_address)
    if not venue.read_accounts([address])[0].exists:
        return
    with as_sync():
        VenueAccount.objects.get_or_create(
            wallet=wallet, deployment=deployment, sub_account_id=0, defaults={"address": address}
        )


def _counts(account: VenueAccount) -> dict[str, int]:
    venue = get_venue(account.deployment)
    own = {"wallet_id": account.wallet_id, "deployment": account.deployment}
    with as_sync():
        return {
            "orders": venue.order_model._default_manager.filter(**own).count(),
            "positions": venue.position_model._default_manager.filter(**own).count(),
            "fills": Fill.objects.filter(
                deployment=account.deployment, account=account.address
            ).count(),
            "entries": account.entries.count(),
        }
