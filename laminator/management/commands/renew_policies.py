"""`renew_policies`: whether each trader's wallet is bound as this release binds new ones."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.errors import DeskError
from wallets.custody.registry import get_custodian


class Command(BaseCommand):
    help = (
        "Count the wallets whose signing policy is of an older release. With the owner's keys, "
        "bind them anew: run it where those keys are kept; it needs the custodian and no database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--owner-keys",
            metavar="FILE",
            help="the owner quorum's private keys, one a line; - reads them from standard input",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        keys = _lines(options["owner_keys"]) if options["owner_keys"] else []
        for key in settings.CUSTODIANS:
            try:
                found = get_custodian(key).renew_policies(owner_keys=keys)
            except DeskError as error:
                raise CommandError(f"{key}: {error}; what was renewed before it stays so") from None
            self.stdout.write(
                f"{key}: {found.current} as they should be, {found.renewed} renewed, "
                f"{found.waiting} wait for the owner's keys"
            )


def _lines(place: str) -> list[str]:
    text = sys.stdin.read() if place == "-" else Path(place).read_text()
    return [line.strip() for line in text.splitlines() if line.strip()]
