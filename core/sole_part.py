"""A part that one process alone plays at a time: a lock of a database session of its own."""

import asyncio
import contextlib
import enum

import psycopg
from django.conf import settings
from psycopg import AsyncConnection

# A host that vanishes without a word keeps its session, and so the part, for this long at most.
_KEEPALIVE = (
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    " -c application_name=laminator-sole"
)
_PATIENCE_SECONDS = 5


class Holding(enum.Enum):
    """Whose a part is."""

    OURS = "ours"
    ANOTHERS = "another's"
    UNKNOWN = "the database does not answer"


class SolePart:
    """One of the numbered parts. A process that dies, however it dies, leaves it at once."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._connection: AsyncConnection | None = None
        self._is_ours = False

    async def take(self) -> Holding:
        """Take the part if it is free, or look whether it is still ours. Never raises."""
        try:
            return await asyncio.wait_for(self._take(), _PATIENCE_SECONDS)
        except (psycopg.Error, OSError, TimeoutError):
            await self.leave()
            return Holding.UNKNOWN

    async def leave(self) -> None:
        """Let another have it."""
        connection, self._connection, self._is_ours = self._connection, None, False
        if connection is not None:
            with contextlib.suppress(psycopg.Error, OSError, TimeoutError):
                # At once: the server ends a session a moment after it was closed.
                await asyncio.wait_for(_let_go(connection), _PATIENCE_SECONDS)
            with contextlib.suppress(psycopg.Error, OSError, TimeoutError):
                await asyncio.wait_for(connection.close(), _PATIENCE_SECONDS)

    async def _take(self) -> Holding:
        if self._connection is None:
            url = settings.ENVIRONMENT.database_url
            assert url is not None
            self._connection = await AsyncConnection.connect(
                url.get_secret_value(), autocommit=True, connect_timeout=3, options=_KEEPALIVE
            )
        if self._is_ours:
            await self._connection.execute("SELECT 1")  # a session that ended holds nothing
            return Holding.OURS
        answer = await self._connection.execute(
            "SELECT pg_try_advisory_lock(hashtext('desk_sole_part'), %s)", [self._number]
        )
        row = await answer.fetchone()
        self._is_ours = row is not None and bool(row[0])
        return Holding.OURS if self._is_ours else Holding.ANOTHERS


async def _let_go(connection: AsyncConnection) -> None:
    await connection.execute("SELECT pg_advisory_unlock_all()")
