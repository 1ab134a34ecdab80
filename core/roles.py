"""The one door to the database's roles.

The processes log in as a role that owns nothing, inherits nothing and may read nothing by
itself. Each transaction says as whom it acts: `as_user` for one person's rows, `as_nobody` for what
is shared, `as_sync` for work across users, `as_admin` for staff; each use of the last two is listed
in docs/across-users.md. SET LOCAL ends with the transaction, so a pooled connection
never carries a role over to the next request.
"""

import json
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection, transaction
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.sql import quote

from core import metrics
from core.context import current
from core.uuid7 import uuid7


class Role(StrEnum):
    USER = "desk_user"
    SYNC = "desk_sync"
    ADMIN = "desk_admin"


LOGIN_ROLE = "desk_login"
# No row is theirs.
NOBODY = uuid.UUID(int=0)
# Where a connection keeps the statements that made its open transaction what it is.
_SETTINGS = "desk_settings"
_SETTING = """SET LOCAL ROLE {role}; SET LOCAL app.user_id = '{user}';\
 SET LOCAL pghistory.context_id = '{history}'; SET LOCAL pghistory.context_metadata = {told}"""
_OF_NOBODY = _SETTING.format(role="NONE", user="", history="", told="''")


class Acting(NamedTuple):
    """As whom the open transaction acts."""

    role: Role
    user_id: uuid.UUID | None


def acting() -> Acting | None:
    """As whom this thread's open transaction acts; None outside of the door."""
    return getattr(connection, "desk_acting", None)


@contextmanager
def as_user(user_id: uuid.UUID, *, looks: bool = False) -> Iterator[None]:
    """One transaction that sees and writes this person's rows.

    A service that only `looks` joins an open one of theirs without a savepoint.
    """
    wanted = Acting(Role.USER, user_id)
    if looks and acting() == wanted:
        # There is nothing to take back, and so no savepoint to pay for.
        yield
        return
    with _act(wanted):
        yield


@contextmanager
def as_nobody() -> Iterator[None]:
    """One transaction that sees what is shared by all and no person's rows; joins an open one."""
    if acting() is not None:
        yield
        return
    with _act(Acting(Role.USER, NOBODY)):
        yield


@contextmanager
def as_sync() -> Iterator[None]:
    """One transaction across users, for syncs, sweeps and reconciliation."""
    with _act(Acting(Role.SYNC, None)):
        yield


@contextmanager
def as_admin() -> Iterator[None]:
    """One transaction of the back office."""
    with _act(Acting(Role.ADMIN, None)):
        yield


@contextmanager
def _act(wanted: Acting) -> Iterator[None]:
    before = acting()
    if before == wanted:
        # A service called by another one joins its transaction.
        with transaction.atomic():
            yield
        return
    if before is not None and before.role is Role.USER:
        raise RuntimeError(f"a transaction of {before.role} cannot become one of {wanted.role}")
    _take_connection()
    raw, settings_before = connection.connection, getattr(connection, _SETTINGS, _OF_NOBODY)
    with transaction.atomic():
        settings = _settings_of(wanted)
        _set(settings, raw)
        setattr(connection, _SETTINGS, settings)
        connection.desk_acting = wanted  # type: ignore[attr-defined]
        try:
            yield
            if before is not None or connection.savepoint_ids:
                _set(settings_before, raw)
        finally:
            setattr(connection, _SETTINGS, settings_before)
            connection.desk_acting = before  # type: ignore[attr-defined]


def _take_connection() -> None:
    """Take a connection from the pool now, so that the wait for it is seen by itself."""
    if connection.connection is not None:
        return
    started, outcome = time.perf_counter(), "failed"
    try:
        connection.ensure_connection()
        outcome = "ok"
    finally:
        metrics.record_pool_wait(seconds=time.perf_counter() - started, outcome=outcome)


def _set(settings: str, raw: Any) -> None:
    if raw.pgconn.transaction_status == TransactionStatus.IDLE:
        # Nothing was asked yet: the transaction begins here, by the same round trip.
        with connection.wrap_database_errors, raw.lock:
            raw.wait(_begun(raw.pgconn, settings))
        return
    with connection.cursor() as cursor:
        cursor.execute(settings)


def _begun(server: Any, settings: str) -> Generator[Any, Any, None]:
    server.send_query(f"BEGIN; {settings}".encode())
    for result in (yield from execute(server)):
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)


def _settings_of(wanted: Acting) -> str:
    """Role, person, and what each history row says of who changed it; until the commit."""
    context = current()
    told = {"channel": context.channel, "trace": context.trace_id}
    if context.actor_id:
        told["actor"] = str(context.actor_id)
    return _SETTING.format(
        role=f'"{wanted.role}"',
        user=wanted.user_id or "",
        history=uuid7(),
        told=quote(json.dumps(told), connection.connection),
    )
