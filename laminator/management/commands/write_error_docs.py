"""`write_error_docs`: docs/errors.md, made anew from the code."""

from typing import Any

from django.core.management.base import BaseCommand

from laminator import error_docs


class Command(BaseCommand):
    help = "Write docs/errors.md: every stable error code, what it means, what the bot says."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        error_docs.PAGE.write_text(error_docs.page())
        self.stdout.write(f"{len(error_docs.raised_codes())} codes are in {error_docs.PAGE.name}")
