"""One sandbox for all parts of a run: custodians remember the address of the first one."""

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from benchmarks import desk_database


@contextmanager
def open_desk() -> Iterator[Any]:
    """A desk led to the sandbox, with its markets read and its gates open; the sandbox's handle."""
    desk_database.prepare()
    from django.conf import settings

    from drift.services import check_gates, sync_all_markets
    from tests.desk import led_to

    with led_to(_sandbox(), settings):
        sync_all_markets()
        check_gates(now=datetime.now(UTC))
        yield _sandbox()


@cache
def _sandbox() -> Any:
    from tests.sandbox_server import running_sandbox

    running = ExitStack()
    atexit.register(running.close)
    sandbox = running.enter_context(running_sandbox(slot_ms=50))
    sandbox.advance(40)  # so that what was there from the first slot on is confirmed
    return sandbox
