"""`run_bot`: the Telegram bot, until it is told to stop."""

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the Telegram bot: polling, handlers and the outbox's sender."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        from laminator.start_check import check_start

        check_start("bot")
        # Telegram's types take a second to load: what is set up wrongly is told before that.
        from bot.app import main

        main()
