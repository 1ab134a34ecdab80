"""`reconcile_after_restore`: bring a restored database up to the chain, then let the desk sign."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from chain.services.rebuild_submission import CONTRADICTED, KNOWN
from core.context import acting_in
from core.errors import DeskError
from core.roles import as_sync
from trading.models import Difference
from trading.services import reconcile_after_restore as steps
from trading.services import resume_trading

_PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "After a restore or a fail-over: read every wallet's signatures since the copy was made, "
        "write down what the database forgot, book the venues' records, and lift the halt. "
        "Repeating it is harmless; it lifts nothing unless all of it is done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--keep-halted", action="store_true", help="reconcile, but leave the desk halted"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        with acting_in(channel="system"):
            try:
                self._wait()
                self._reconcile()
                if options["keep_halted"]:
                    self.stdout.write("All is reconciled; the desk stays halted, as asked.")
                    return
                resume_trading(now=timezone.now())
            except DeskError as error:
                raise CommandError(
                    f"stopped: {error}. The desk stays halted; repeat this, nothing is lost."
                ) from error
        self.stdout.write("All is reconciled; the desk signs again.")

    def _wait(self) -> None:
        """Until nothing that was signed before the halt can land any more."""
        while (blocks := steps.blocks_to_wait()) > 0:
            self.stdout.write(f"waiting for {blocks} more final blocks")
            time.sleep(_PAUSE_SECONDS)

    def _reconcile(self) -> None:
        wallets = steps.wallets_to_reconcile()
        counts: dict[str, int] = {}
        missing: list[tuple[Any, steps.FoundMessage]] = []
        for number, wallet in enumerate(wallets, start=1):
            found = steps.reconcile_wallet(wallet=wallet, now=timezone.now())
            for each in found:
                counts[each.outcome] = counts.get(each.outcome, 0) + 1
            missing += [(wallet, each) for each in found if each.outcome != KNOWN]
            self.stdout.write(
                f"wallet {number} of {len(wallets)} {wallet.wallet_address}: {len(found)} messages"
            )
        ended = steps.settle_unsigned(now=timezone.now())
        silent = steps.settle_signed()
        accounts = 0
        for number, wallet in enumerate(wallets, start=1):
            accounts += steps.rebook_accounts(wallet=wallet, now=timezone.now())
            self.stdout.write(f"accounts of wallet {number} of {len(wallets)} booked")
        for wallet, each in missing:
            steps.rebuild_transaction(found=each, wallet=wallet, now=timezone.now())
        self._tell(counts, ended, silent, accounts)
        if contradicted := [e for _, e in missing if e.outcome == CONTRADICTED]:
            named = ", ".join(str(each.message.submission_id) for each in contradicted[:5])
            raise CommandError(f"the chain and these rows tell of different ends: {named}")

    def _tell(self, counts: dict[str, int], ended: int, silent: int, accounts: int) -> None:
        told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or "none"
        with as_sync():
            differences = Difference.objects.filter(resolved_at__isnull=True).count()
        self.stdout.write(
            f"messages on the chain: {told}; never signed and ended: {ended}; still silent: "
            f"{silent}; accounts booked: {accounts}; open differences: {differences}"
        )
