"""`run_worker`: a process that carries out the desk's jobs."""

import sys
from typing import Any

from celery.concurrency.thread import TaskPool
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from laminator.celery import app

_WITHDRAWAL = "withdrawal"


class Command(BaseCommand):
    help = "Carry out jobs, those of the withdrawals' queue or of any others, until stopped."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=8, help="jobs at once")
        parser.add_argument(
            "--withdrawals", action="store_true", help="the queue that needs the withdraw signer"
        )
        parser.add_argument(
            "--queues",
            default="",
            help=f"which alone, comma-separated, of {', '.join(_others())}; all of these if not "
            "given. Workers of one queue share it, on however many machines",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        # By the library's own class: its command line costs half a second before the first import.
        worker = app.Worker(
            hostname="withdrawals@" if options["withdrawals"] else None,
            queues=_chosen(withdrawals=options["withdrawals"], named=options["queues"]),
            # Threads: jobs wait for the database and the network, and share a pool of connections.
            pool_cls=TaskPool,
            concurrency=options["concurrency"],
            loglevel="INFO",
            without_mingle=True,
            without_gossip=True,
            quiet=True,
        )
        worker.start()
        sys.exit(worker.exitcode)


def _others() -> list[str]:
    return [queue for queue in settings.QUEUES if queue != _WITHDRAWAL]


def _chosen(*, withdrawals: bool, named: str) -> list[str]:
    if withdrawals:
        if named:
            raise CommandError("--withdrawals is one queue by itself; leave --queues out")
        return [_WITHDRAWAL]
    chosen = [queue.strip() for queue in named.split(",") if queue.strip()] or _others()
    if unknown := sorted(set(chosen) - set(_others())):
        raise CommandError(
            f"no queue of this worker's is called {', '.join(unknown)}; "
            f"there are {', '.join(_others())}, and --withdrawals"
        )
    return chosen
