"""`run_feed`: the process that keeps the last prices fresh."""

import asyncio
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import bridge
from laminator.start_check import check_start
from markets.feed_runner import run_feed

# What a feed cannot be without, beside what every process of this kind needs.
_NEEDS = {"hermes": ("PYTH_API_KEY",)}


class Command(BaseCommand):
    help = (
        "Follow the sources of prices and keep the last ones, until stopped. Without --feed all "
        "sources that the settings have keys for; two processes of one feed stand in for each other"
    )
    # The start shall cost little; what the feed itself needs is asked below.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(settings.FEEDS)
        parser.add_argument("--feed", metavar="KEY", help=f"this one alone: {known}")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        key = options["feed"]
        if key is not None and key not in settings.FEEDS:
            raise CommandError(f"there is no feed {key!r}; there are {', '.join(settings.FEEDS)}")
        check_start("feed")
        if key is not None:
            settings.ENVIRONMENT.require(*_NEEDS.get(key, ()))
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_feeds(stop, [key] if key is not None else usable_feeds())


def usable_feeds() -> list[str]:
    """The feeds of the settings whose keys are given."""
    environment = settings.ENVIRONMENT
    return [
        key
        for key in settings.FEEDS
        if all(getattr(environment, name.lower()) is not None for name in _NEEDS.get(key, ()))
    ]


def run_feeds(stop: threading.Event, keys: Sequence[str]) -> None:
    """Run these feeds until `stop` is set."""
    asyncio.run(_run_until(stop, keys))


async def _run_until(stop: threading.Event, keys: Sequence[str]) -> None:
    stopping = asyncio.Event()
    feeds = [asyncio.create_task(run_feed(key, stopping)) for key in keys]
    told = asyncio.create_task(asyncio.to_thread(stop.wait))
    try:
        # A feed that ends by itself has failed in a way that a new process may not.
        await asyncio.wait([told, *feeds], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        stopping.set()
        await asyncio.gather(*feeds, told)
        await asyncio.to_thread(bridge.close)
