"""`run_beat`: the process that asks for each job when it is due."""

import time
from typing import Any, Final

from celery.apps.beat import Beat
from django.core.management.base import BaseCommand
from django_celery_beat.schedulers import DatabaseScheduler
from redis.exceptions import RedisError

from core import heartbeat
from core.logs import get_logger
from laminator.celery import app
from laminator.start_check import check_start

log = get_logger("desk.beat")
_SECONDS_BETWEEN_BEATS: Final = 5


class _Scheduler(DatabaseScheduler):  # type: ignore[misc]  # a library without types
    """Shows a sign of life while it goes round."""

    _last_beat_seconds = -_SECONDS_BETWEEN_BEATS

    def tick(self, *args: Any, **words: Any) -> Any:
        seconds_to_wait = super().tick(*args, **words)
        if time.monotonic() - self._last_beat_seconds >= _SECONDS_BETWEEN_BEATS:
            self._last_beat_seconds = int(time.monotonic())
            try:
                heartbeat.beat("beat")
            except RedisError as error:
                log.warning("heartbeat_lost", reason=type(error).__name__)
        return seconds_to_wait


class _Beat(Beat):
    def init_loader(self) -> None:
        """Finish the app without its tasks: they are asked for by name, and cost a second."""
        app.finalize()


class Command(BaseCommand):
    help = "Ask for the scheduled jobs, by their rows in the database, until stopped."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        check_start("beat")
        # The library takes a class as well as its path.
        _Beat(app=app, loglevel="WARNING", scheduler=_Scheduler, quiet=True).run()  # type: ignore[arg-type]
