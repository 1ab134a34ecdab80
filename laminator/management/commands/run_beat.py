"""`run_beat`: the process that asks for each job when it is due."""

from typing import Any

from django.core.management.base import BaseCommand

from laminator.celery import app


class Command(BaseCommand):
    help = "Ask for the scheduled jobs, by their rows in the database, until stopped."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        app.Beat(loglevel="WARNING", scheduler=app.conf.beat_scheduler, quiet=True).run()
