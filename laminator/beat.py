"""Beat's scheduler: the rows of the database, and a sign of life while it goes round them."""

import time
from typing import Any, Final

from django_celery_beat.schedulers import DatabaseScheduler
from redis.exceptions import RedisError

from core import heartbeat
from core.logs import get_logger

log = get_logger("desk.beat")
_SECONDS_BETWEEN_BEATS: Final = 5


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # a library without types
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
