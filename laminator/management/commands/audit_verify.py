"""`audit_verify`: whether the log of all acts is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.verifying import verify_audit


class Command(BaseCommand):
    help = (
        "Read the whole audit log with its seals, roots, signatures and exports, and name the "
        "first row that was altered, deleted, swapped or put in. Ends with 1 if there is one."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        verdict = verify_audit(tell=self._tell)
        if verdict.problem:
            raise CommandError(f"The audit log is not whole: {verdict.problem}.")
        self.stdout.write(
            f"The audit log is whole: {verdict.rows} rows under {verdict.roots} signed roots, "
            f"{verdict.exports} exports fit, {verdict.waiting} rows wait for their seal."
        )

    def _tell(self, rows: int) -> None:
        if rows % 50_000 == 0:
            self.stderr.write(f"{rows} rows read")
