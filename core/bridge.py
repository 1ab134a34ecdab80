"""The one door from an event loop into the desk, which is synchronous.

Services run in a few threads, each with a database connection of its own that is kept between
calls and looked at before use. A loop never runs a query; a thread never sees the loop.
"""

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection
from redis.exceptions import RedisError

from core import metrics
from core.errors import OutcomeUnknown, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 8
# A connection that was used so lately is not asked again whether it lives.
_TRUSTED_SECONDS = 1.0
# Then it goes back to the pool, which renews old ones.
_KEPT_SECONDS = 300.0
# While the database is down, one call in so many seconds waits for it; the others fail at once.
_PROBE_SECONDS = 1.0

_lock = threading.Lock()
_threads: ThreadPoolExecutor | None = None
_state = threading.local()
_outages = 0
_down_until = 0.0


async def call(service: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a service that reads, or that may be asked again; the caller's context goes along.

    Raises what the service raises; Unavailable("database.down") or ("redis.down") for a server
    that does not answer.
    """
    return await _run(_with_database, service, args, kwargs, False)


async def call_act(service: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a service that moves money.

    As `call`, but a connection that breaks within raises OutcomeUnknown("database.lost") or
    ("redis.lost"): the commit may have been carried out.
    """
    return await _run(_with_database, service, args, kwargs, True)


async def call_outside(service: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks and needs no database: Redis, a node."""
    return await _run(_without_database, service, args, kwargs, False)


def close() -> None:
    """End the threads and give their connections back."""
    global _threads, _down_until
    with _lock:
        threads, _threads = _threads, None
    _down_until = 0.0
    if threads is None:
        return
    together = threading.Barrier(THREADS)

    def end() -> None:
        together.wait(timeout=30)
        _drop_connection()

    for ending in [threads.submit(end) for _ in range(THREADS)]:
        ending.result()
    threads.shutdown()


async def _run(
    how: Callable[..., T], service: Callable[..., T], args: Any, kwargs: Any, is_act: bool
) -> T:
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(
        _executor(), lambda: context.run(how, service, args, kwargs, is_act)
    )


def _executor() -> ThreadPoolExecutor:
    global _threads
    if _threads is None:
        with _lock:
            if _threads is None:
                _threads = ThreadPoolExecutor(THREADS, thread_name_prefix="desk")
    return _threads


def _without_database(service: Callable[..., T], args: Any, kwargs: Any, _: bool) -> T:
    return service(*args, **kwargs)


def _with_database(service: Callable[..., T], args: Any, kwargs: Any, is_act: bool) -> T:
    _take_connection()
    try:
        return service(*args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        _note_outage()
        if is_act:
            raise OutcomeUnknown("database.lost") from error
        raise Unavailable("database.down") from error
    except RedisError as error:
        if is_act:
            raise OutcomeUnknown("redis.lost") from error
        raise Unavailable("redis.down") from error
    finally:
        _state.used_at = time.monotonic()


def _take_connection() -> None:
    global _down_until
    now = time.monotonic()
    if connection.connection is not None and _is_doubtful(now) and not connection.is_usable():
        _drop_connection()
    if connection.connection is not None:
        return
    if now < _down_until:
        raise Unavailable("database.down")
    was_down = bool(_down_until)
    if was_down:
        _down_until = now + _PROBE_SECONDS
    started, outcome = time.perf_counter(), "failed"
    try:
        connection.ensure_connection()
        outcome = "ok"
    except (OperationalError, InterfaceError) as error:
        _drop_connection()
        _down_until = time.monotonic() + _PROBE_SECONDS
        raise Unavailable("database.down") from error
    finally:
        metrics.record_pool_wait(seconds=time.perf_counter() - started, outcome=outcome)
    _down_until = 0.0
    _state.made_at, _state.outages = time.monotonic(), _outages


def _is_doubtful(now: float) -> bool:
    """Idle for a while, or made before some connection was found broken."""
    if now - getattr(_state, "made_at", 0.0) > _KEPT_SECONDS:
        _drop_connection()
        return False
    idle = now - getattr(_state, "used_at", 0.0)
    return idle > _TRUSTED_SECONDS or getattr(_state, "outages", -1) != _outages


def _note_outage() -> None:
    global _outages
    _outages += 1
    _drop_connection()


def _drop_connection() -> None:
    try:
        connection.close()
    except (OperationalError, InterfaceError):
        connection.connection = None
