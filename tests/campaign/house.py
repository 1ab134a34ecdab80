"""A desk for a campaign: a database, a sandbox with fast slots, and workers to be killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SLOT_MS = 25


def lead_to_own_database(number: int) -> None:
    """Before Django starts: this process's copy of the database, and a Redis database."""
    from tests.database import COPY

    for variable in ("DATABASE_OWNER_URL", "DATABASE_URL"):
        os.environ[f"SERVER_{variable}"] = os.environ[variable]
        server, _, _ = os.environ[variable].rpartition("/")
        os.environ[variable] = f"{server}/{COPY}{os.getpid()}"
    server, _, _ = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{server}/{number}"


@contextmanager
def own_house() -> Iterator[tuple[Any, Any]]:
    """(sandbox, zygote) on a database that is gone afterwards."""
    from django.conf import settings

    from drift.services import sync_all_markets
    from tests.conftest import _open_gates
    from tests.database import desk_database
    from tests.desk import led_to
    from tests.sandbox_server import running_sandbox

    with (
        desk_database(
            owner_url=os.environ["SERVER_DATABASE_OWNER_URL"],
            login_url=os.environ["SERVER_DATABASE_URL"],
        ),
        running_sandbox(slot_ms=SLOT_MS) as sandbox,
        led_to(sandbox, settings),
    ):
        sandbox.advance(40)
        _open_gates()
        sync_all_markets()
        with workers() as zygote:
            yield sandbox, zygote
        _leave_database()


@contextmanager
def workers() -> Iterator[Any]:
    """The parent of the workers, led to where this process is led."""
    from tests.campaign.zygote import Zygote

    zygote = Zygote.start()
    try:
        yield zygote
    finally:
        zygote.stop()


def _leave_database() -> None:
    from django.db import connections

    connections["default"].close()
    connections["default"].close_pool()
