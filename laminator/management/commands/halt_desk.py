"""`halt_desk`: stop all signing on purpose, as before a fail-over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from core.context import acting_in
from trading.services import halt_trading


class Command(BaseCommand):
    help = "Sign nothing new until `reconcile_after_restore` has compared the books with the chain."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="on purpose", help="what staff read beside it")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        with acting_in(channel="system"):
            epoch = halt_trading(reason=options["reason"], now=timezone.now())
        self.stdout.write(f"halted since {epoch.halted_at}: {epoch.halted_reason}")
