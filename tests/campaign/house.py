"""A desk of a campaign's own: servers, a database, a sandbox with fast slots, and workers."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from laminator.local.generated_secrets import key_settings, new_secrets
from laminator.local.servers import EmbeddedServers

SLOT_MS = 40
SOL_PRICE = 150


@dataclass
class House:
    """What a run plays in: each finds it as a new desk, on servers that ran before."""

    servers: EmbeddedServers
    sandbox: Any
    zygote: Any
    database: Any
    _bots: Any = None

    def clear(self) -> None:
        """Nobody is there any more, at the desk and at the venues."""
        from django.conf import settings

        from core.roles import as_sync
        from trading.models import VenueAccount

        self.copies().forget()
        with as_sync():
            on_chain = VenueAccount.objects.exclude(deployment="paper")
            accounts = list(on_chain.values_list("address", flat=True))
        for address in accounts:
            self.sandbox.rpc("sandbox_setAccount", address, None)
        self.database.empty()
        with redis.Redis.from_url(settings.REDIS_URL, protocol=2) as client:
            client.flushdb()
        _open_desk()

    def copies(self) -> Any:
        """Of the whole database; a crash of the server has ended the owner's connection."""
        from tests.copies import Copies

        self.database.owner.close()
        self.database.owner = psycopg.connect(self.database.owner_url, autocommit=True)
        return Copies(self.database, self.database.owner)

    def bots(self) -> Any:
        """They start when a run first writes to them, and stay."""
        from tests.campaign.chat import Bots

        if self._bots is None:
            self._bots = Bots(self.zygote, self.servers.folder)
        return self._bots

    def close(self) -> None:
        if self._bots is not None:
            self._bots.stop()
        self.zygote.stop()

    def restart_postgres(self) -> None:
        """As a crash of it: nothing is shut down, all connections are gone."""
        _start_again(self.servers.postgres)

    def restart_redis(self) -> None:
        """It comes back empty."""
        _start_again(self.servers.redis)


def _start_again(server: Any) -> None:
    server.stop()
    port = server.preferred_port = server.port
    server.start()
    assert server.port == port, "the port was taken meanwhile"


@contextmanager
def own_servers() -> Iterator[EmbeddedServers]:
    """Before Django starts: PostgreSQL and Redis, to which the environment leads from now on."""
    from tests.database import COPY

    folder = Path(tempfile.mkdtemp(prefix="laminator-campaign-"))
    secrets = new_secrets()
    servers = EmbeddedServers(folder=folder, secrets=secrets, durable=False)
    try:
        servers.start()
        os.environ |= servers.environment() | key_settings(secrets)
        os.environ |= {"LAMINATOR_ENV_FILE": os.devnull, "VAR_DIR": str(folder)}
        # Some of the amounts that leave are for staff to approve.
        os.environ["WITHDRAWAL_APPROVAL_USD"] = "60"
        for variable in ("DATABASE_OWNER_URL", "DATABASE_URL"):
            os.environ[f"SERVER_{variable}"] = os.environ[variable]
            server, _, _ = os.environ[variable].rpartition("/")
            os.environ[variable] = f"{server}/{COPY}{os.getpid()}"
        yield servers
    finally:
        servers.stop()
        servers.postgres.remove_data()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_house(servers: EmbeddedServers) -> Iterator[House]:
    """A desk on a database of these servers."""
    from django.conf import settings

    from tests.database import desk_database
    from tests.desk import led_to
    from tests.sandbox_server import running_sandbox
    from tests.zygote import Zygote

    with (
        desk_database(
            owner_url=os.environ["SERVER_DATABASE_OWNER_URL"],
            login_url=os.environ["SERVER_DATABASE_URL"],
        ) as database,
        running_sandbox(slot_ms=SLOT_MS) as sandbox,
        led_to(sandbox, settings),
    ):
        # These servers lose nothing of what was committed when they crash, as a desk's own.
        database.owner.execute(f"ALTER DATABASE {database.name} SET synchronous_commit = on")
        sandbox.advance(40)
        _open_desk()
        house = House(servers, sandbox, Zygote.start(), database)
        try:
            yield house
        finally:
            house.close()
        _leave_database()


def _open_desk() -> None:
    from django.utils import timezone

    from drift.services import sync_all_markets
    from tests.conftest import _open_gates
    from trading.services import mirror_paper_markets, watch_desk

    _open_gates()
    sync_all_markets()
    mirror_paper_markets(now=timezone.now())
    watch_desk(now=timezone.now())


def _leave_database() -> None:
    from django.db import connections

    connections["default"].close()
    connections["default"].close_pool()
