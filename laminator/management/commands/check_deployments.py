"""`check_deployments`: whether each open deployment is what this release knows; exit 1 if not."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.errors import DeskError
from drift.gate import check_deployment


class Command(BaseCommand):
    help = "Look at the program, accounts and interface of each deployment that is open to traders."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        unfit = 0
        for key in settings.ENVIRONMENT.venue_deployments:
            try:
                reasons = check_deployment(key).reasons
            except DeskError as error:
                reasons = (f"It could not be looked at: {error}.",)
            unfit += bool(reasons)
            self.stdout.write(f"{key:<12} {'fit to trade on' if not reasons else 'NOT fit:'}")
            for reason in reasons:
                self.stdout.write(f"             {reason}")
        if unfit:
            raise CommandError("take these out of VENUE_DEPLOYMENTS until that is mended")
