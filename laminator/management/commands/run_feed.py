"""`run_feed`: the process that keeps the last prices fresh."""

import signal
import threading
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from redis.exceptions import RedisError

from core import heartbeat
from core.errors import Unavailable
from core.registry import provider
from laminator.start_check import check_start
from markets.price_history import note_prices
from markets.prices import store_prices

log = structlog.get_logger(__name__)

SECONDS_BETWEEN_READS = 1.0
_LONGEST_WAIT = 15.0


class Command(BaseCommand):
    help = "Read the venues' oracles about once a second and keep their prices, until stopped."
    # The start shall cost little; what the feed itself needs is asked below.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        check_start("feed")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_feeds(stop)


def run_feeds(stop: threading.Event) -> None:
    """Read and keep prices until `stop` is set; the wait doubles while nothing answers."""
    feeds = {key: provider("FEEDS", key) for key in settings.FEEDS}
    wait = SECONDS_BETWEEN_READS
    while not stop.is_set():
        try:
            prices = [price for feed in feeds.values() for price in feed.read()]
            store_prices(prices)
            note_prices(prices)
            heartbeat.beat("feed", prices=len(prices))
            wait = SECONDS_BETWEEN_READS
        except (Unavailable, RedisError) as error:
            log.warning("feed_has_no_prices", reason=str(error), again_in_seconds=wait)
            wait = min(wait * 2, _LONGEST_WAIT)
        stop.wait(wait)
