"""`run_worker`: a process that carries out the desk's jobs."""

import sys
from typing import Any

from celery.concurrency.thread import TaskPool
from django.core.management.base import BaseCommand, CommandParser

from laminator.celery import app


class Command(BaseCommand):
    help = "Carry out jobs, those of the withdrawals' queue or all others, until stopped."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=8, help="jobs at once")
        parser.add_argument(
            "--withdrawals", action="store_true", help="the queue that needs the withdraw signer"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        # By the library's own class: its command line costs half a second before the first import.
        worker = app.Worker(
            hostname="withdrawals@" if options["withdrawals"] else None,
            queues=["withdrawal"] if options["withdrawals"] else None,
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
