"""What is counted and timed while the desk works, in the form that Prometheus reads.

With PROMETHEUS_MULTIPROC_DIR set (before the first import) every process writes into files there
and the web process answers for all of them; without it, each process knows of itself alone.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    multiprocess,
    values,
)
from prometheus_client.values import MultiProcessValue

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
REGISTRY = CollectorRegistry()
if MULTIPROCESS_FOLDER in os.environ:
    # Processes of containers that share the folder have the same few numbers.
    _MACHINE = socket.gethostname().replace("_", "-")
    values.ValueClass = MultiProcessValue(  # type: ignore[no-untyped-call]
        process_identifier=lambda: f"{_MACHINE}-{os.getpid()}"
    )
# When a counter was made tells nobody anything and doubles the answer's length.
disable_created_metrics()  # type: ignore[no-untyped-call]
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
_SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(f"laminator_{name}", meaning, labels, registry=REGISTRY)


def _histogram(name: str, meaning: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(f"laminator_{name}", meaning, labels, buckets=buckets, registry=REGISTRY)


_requests = _counter("http_requests", "Requests answered", "method", "view", "status")
_request_time = _histogram(
    "http_request_seconds", "Time of a request", "method", "view", buckets=_SLOW
)
_request_queries = _histogram(
    "http_request_queries", "Queries of a request", "view", buckets=(1, 2, 5, 10, 15, 25, 50, 100)
)
_query_time = _histogram("db_query_seconds", "Time of a query", "outcome", buckets=_FAST)
_pool_wait = _histogram(
    "db_pool_wait_seconds", "Wait for a database connection", "outcome", buckets=_FAST
)
_rpc_time = _histogram(
    "rpc_call_seconds", "Time of a call to an RPC node", "method", "outcome", buckets=_SLOW
)
_node_errors = Gauge(
    "laminator_rpc_node_error_ratio", "Calls of a node that failed, lately", ("node",),
    registry=REGISTRY, multiprocess_mode="mostrecent",
)  # fmt: skip
_node_lag = Gauge(
    "laminator_rpc_node_lag_slots", "Slots a node is behind the newest one", ("node",),
    registry=REGISTRY, multiprocess_mode="mostrecent",
)  # fmt: skip
_node_aside = Gauge(
    "laminator_rpc_node_set_aside", "Whether a node is set aside", ("node",),
    registry=REGISTRY, multiprocess_mode="mostrecent",
)  # fmt: skip
_task_wait = _histogram(
    "task_wait_seconds", "From the asking for a task to its start", "task", buckets=_SLOW
)
_task_time = _histogram("task_seconds", "Run time of a task", "task", "state", buckets=_SLOW)
_job_time = _histogram("job_seconds", "Run time of a job", "job", "outcome", buckets=_SLOW)
_job_lag = Gauge(
    "laminator_job_lag_seconds", "Start of a job after the moment it was due", ("job",),
    registry=REGISTRY, multiprocess_mode="mostrecent",
)  # fmt: skip
_outbox = _counter("outbox_deliveries", "Messages that left the outbox", "outcome")
_outbox_age = _histogram(
    "outbox_delivery_age_seconds", "From the change to its message's delivery", buckets=_SLOW
)
_cache = _counter("cache_lookups", "Look-ups in a cache", "cache", "outcome")
_submissions = _counter("submissions_ended", "Submissions by their end", "end")
_orders = _counter("orders_ended", "Orders by their outcome", "deployment", "outcome")
_differences = _counter("differences_escalated", "Differences that the books did not explain")
_updates = _counter("bot_updates", "Telegram updates handled", "outcome")
_logins = _counter("staff_logins", "Log-ins of staff", "outcome")


def count_request(*, method: str, view: str, status: int, seconds: float, queries: int) -> None:
    """A request was answered; `view` is the name of its address, never the address itself."""
    _requests.labels(method, view, str(status)).inc()
    _request_time.labels(method, view).observe(seconds)
    _request_queries.labels(view).observe(queries)


def count_rpc_call(*, method: str, outcome: str, seconds: float) -> None:
    """A call to an RPC node ended; `outcome` is ok, error, timeout or another word."""
    _rpc_time.labels(method, outcome).observe(seconds)


def record_rpc_node(*, node: str, error_rate: float, lag_slots: int, set_aside: bool) -> None:
    """How a node fares, as this process has met it."""
    _node_errors.labels(node).set(error_rate)
    _node_lag.labels(node).set(lag_slots)
    _node_aside.labels(node).set(int(set_aside))


def record_pool_wait(*, seconds: float, outcome: str = "ok") -> None:
    """A connection was taken from the pool, or (`outcome` timeout) was not to be had."""
    _pool_wait.labels(outcome).observe(seconds)


def record_task_wait(*, task: str, seconds: float) -> None:
    """A task began, this long after it was asked for."""
    _task_wait.labels(task).observe(seconds)


def record_task(*, task: str, state: str, seconds: float) -> None:
    """A task ended."""
    _task_time.labels(task, state).observe(seconds)


def record_job(*, job: str, outcome: str, seconds: float, lag_seconds: float) -> None:
    """A scheduled job ended; `outcome` is ok, failed or skipped (another one holds its lease)."""
    _job_time.labels(job, outcome).observe(seconds)
    _job_lag.labels(job).set(lag_seconds)


def count_outbox(*, outcome: str, age_seconds: float | None = None) -> None:
    """A message was delivered, put off (retry) or given up (undeliverable)."""
    _outbox.labels(outcome).inc()
    if age_seconds is not None and outcome == "delivered":
        _outbox_age.observe(age_seconds)


def count_cache(*, cache: str, hit: bool) -> None:
    """A look-up in a cache (prices, quotes, accounts …) found something, or not."""
    _cache.labels(cache, "hit" if hit else "miss").inc()


def count_submission(*, end: str) -> None:
    """A submission ended: finalized, failed, expired, abandoned."""
    _submissions.labels(end).inc()


def count_difference() -> None:
    """A difference between a venue and our books has become a person's to explain."""
    _differences.inc()


def count_order(*, deployment: str, outcome: str) -> None:
    """An order ended, with its last status."""
    _orders.labels(deployment, outcome).inc()


def count_update(*, outcome: str) -> None:
    """The bot handled an update of Telegram's: ok, refused, failed, repeated."""
    _updates.labels(outcome).inc()


def count_login(*, outcome: str) -> None:
    """A member of staff logged in (ok) or somebody failed to (failed)."""
    _logins.labels(outcome).inc()


@dataclass(slots=True)
class QueryTally:
    """How many queries were run within a block, and how long they took together."""

    count: int = 0
    seconds: float = 0.0


_tally: ContextVar[QueryTally | None] = ContextVar("desk_query_tally", default=None)


@contextmanager
def tallied_queries() -> Iterator[QueryTally]:
    """Tally the queries of the block, for its log line."""
    tally = QueryTally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


def time_query(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """A wrapper of Django's for `connection.execute_wrappers`: about 2 µs a query."""
    started, outcome = time.perf_counter(), "error"
    try:
        result = execute(sql, params, many, context)
        outcome = "ok"
        return result
    finally:
        seconds = time.perf_counter() - started
        _query_time.labels(outcome).observe(seconds)
        tally = _tally.get()
        if tally is not None:
            tally.count += 1
            tally.seconds += seconds


def watch_queries(*, connection: Any, **_: Any) -> None:
    """Receiver of Django's `connection_created`: time what this connection runs."""
    if time_query not in connection.execute_wrappers:
        connection.execute_wrappers.append(time_query)


def prepare_folder(folder: Path) -> None:
    """Make an empty folder for the processes' files; at the start of all, before any of them.

    What ended processes left behind would be counted again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)


def readable_registry() -> CollectorRegistry:
    """The registry that holds the figures of all processes, or of this one where it is alone."""
    if not os.environ.get(MULTIPROCESS_FOLDER):
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
