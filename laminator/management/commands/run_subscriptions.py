"""`run_subscriptions`: the process that has a node tell it where to look sooner."""

import signal
import threading
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from redis.exceptions import RedisError

from chain.services import collect_evidence, watch_submissions
from chain.subscriptions import Subscriptions, Topic
from chain.websocket import Kind, desk_websocket_url
from core import heartbeat
from laminator.settings.environment import Environment
from laminator.start_check import check_start
from trading.services import reconcile_hinted, watch_accounts

log = structlog.get_logger(__name__)
_TELL_SECONDS = 5.0


class Command(BaseCommand):
    help = "Have a node tell of messages and accounts that move, and look at them; until stopped."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        check_start("subscriptions")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        desk_subscriptions(settings.ENVIRONMENT).run(stop)


def desk_subscriptions(environment: Environment) -> Subscriptions:
    """The desk's own: messages under way first, then accounts on which something is."""
    return Subscriptions(
        url=desk_websocket_url(),
        topics=(
            Topic(Kind.SIGNATURE, watch_submissions, _look_at_messages, every_seconds=0.3),
            Topic(Kind.ACCOUNT, watch_accounts, reconcile_hinted, every_seconds=2.0),
        ),
        limit=environment.solana_ws_subscriptions,
        tell=_Teller(),
    )


def _look_at_messages(keys: Any) -> None:
    collect_evidence(submission_ids=list(keys))


class _Teller:
    """Signs of life, every few seconds at the most; nothing waits for a Redis that is down."""

    def __init__(self) -> None:
        self._told_at = float("-inf")

    def __call__(self, **facts: Any) -> None:
        if time.monotonic() - self._told_at < _TELL_SECONDS:
            return
        self._told_at = time.monotonic()
        try:
            heartbeat.beat("subscriptions", **facts)
        except RedisError as error:
            log.warning("heartbeat_lost", reason=type(error).__name__)
