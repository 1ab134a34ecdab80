"""The one door to the database's roles.

The processes log in as a role that owns nothing, inherits nothing and may read nothing by
itself. Each transaction says as whom it acts: `as_user` for one person's rows, `as_nobody` for what
is shared, `as_sync` for work across users, `as_admin` for staff; each use of the last two is listed
in docs/across-users.md. SET LOCAL ends with the transaction, so a pooled connection
never carries a role over to the next request.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import NamedTuple

import pghistory
from django.db import connection, transaction

from core import metrics
from core.context import current


class Role(StrEnum):
    USER = "desk_user"
    SYNC = "desk_sync"
    ADMIN = "desk_admin"


LOGIN_ROLE = "desk_login"
# No row is theirs.
NOBODY = uuid.UUID(int=0)


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
    with transaction.atomic(), pghistory.context(**_told_to_history()):
        _set(wanted)
        connection.desk_acting = wanted  # type: ignore[attr-defined]
        try:
            yield
            if before is not None or connection.savepoint_ids:
                _set(before)
        finally:
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


def _set(acting: Acting | None) -> None:
    role = f'"{acting.role}"' if acting else "NONE"
    user = str(acting.user_id) if acting and acting.user_id else ""
    with connection.cursor() as cursor:
        # One round trip for both; the role is one of ours, never a caller's text.
        cursor.execute(f"SET LOCAL ROLE {role}; SET LOCAL app.user_id = '{user}'")


def _told_to_history() -> dict[str, str]:
    """What each history row says of who changed it."""
    context = current()
    told = {"channel": context.channel, "trace": context.trace_id}
    return told | ({"actor": str(context.actor_id)} if context.actor_id else {})
