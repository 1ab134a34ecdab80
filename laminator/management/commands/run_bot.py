"""`run_bot`: the Telegram bot, until it is told to stop."""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the Telegram bot: polling, handlers and the outbox's sender."
    requires_system_checks: ClassVar[list[str]] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        from bot.app import main

        main()
