"""`run_beat`: the process that asks for each job when it is due."""

from typing import Any

from celery.apps.beat import Beat
from django.core.management.base import BaseCommand

from laminator.celery import app
from laminator.start_check import check_start


class _Beat(Beat):
    def init_loader(self) -> None:
        """Finish the app without its tasks: they are asked for by name, and cost a second."""
        app.finalize()


class Command(BaseCommand):
    help = "Ask for the scheduled jobs, by their rows in the database, until stopped."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        check_start("beat")
        _Beat(app=app, loglevel="WARNING", scheduler=app.conf.beat_scheduler, quiet=True).run()
