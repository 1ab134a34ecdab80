"""`/metrics` for Prometheus: what the processes counted, and figures read from the database."""

import threading
import time
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from audit.sealing import unsealed_age
from core.logs import get_logger
from core.metrics import readable_registry
from core.roles import as_sync
from laminator import figures

# However often it is scraped, the tables are asked no oftener than this.
KEPT_SECONDS = 10.0
log = get_logger("desk.metrics")


class DeskFigures(Collector):
    """Gauges read from the database at the time of the scrape; absent while it is down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[GaugeMetricFamily] = []
        self._read_at = float("-inf")

    def collect(self) -> Iterable[GaugeMetricFamily]:
        with self._lock:
            if time.monotonic() - self._read_at > KEPT_SECONDS:
                self._kept = self._read()
                self._read_at = time.monotonic()
            return self._kept

    def forget(self) -> None:
        """Read anew the next time."""
        self._read_at = float("-inf")

    def _read(self) -> list[GaugeMetricFamily]:
        try:
            with as_sync():
                return list(_families())
        except DatabaseError as error:
            log.error("figures not read", error=type(error).__name__)
            return [_gauge("database_up", "Whether the database answers", 0)]


desk_figures = DeskFigures()


@require_safe
def metrics(_: HttpRequest) -> HttpResponse:
    """All metrics of all processes, in Prometheus's text form."""
    registry = readable_registry()
    own = CollectorRegistry()
    own.register(desk_figures)
    body = generate_latest(registry) + generate_latest(own)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _families() -> Iterable[GaugeMetricFamily]:
    now = timezone.now()
    yield _gauge("database_up", "Whether the database answers", 1)
    yield from _pool()

    waited = unsealed_age(now=now).total_seconds()
    yield _gauge("audit_unsealed_seconds", "How long the oldest audit row waits", waited)

    people = figures.people(now=now)
    yield _gauge("users", "Traders", people.traders)
    yield _gauge("users_active_24h", "Traders active in the last 24 hours", people.active_24h)

    positions = figures.positions(now=now)
    yield _gauge("positions_open", "Open positions", positions.open)
    yield _gauge("positions_open_notional", "Value of open positions in quote", positions.notional)
    yield _gauge("positions_opened_24h", "Positions opened in 24 hours", positions.opened_24h)
    yield _gauge("positions_closed_24h", "Positions closed in 24 hours", positions.closed_24h)

    orders = figures.orders(now=now)
    yield _by_label(
        "orders_24h", "Orders placed in 24 hours, by status", "status", orders.by_outcome
    )
    if orders.success_rate is not None:
        yield _gauge(
            "order_success_ratio_24h",
            "Orders filled, of those that ended by themselves in 24 hours",
            orders.success_rate,
        )
    if orders.average_size is not None:
        yield _gauge(
            "order_average_size_24h", "Average filled value of an order in quote, 24 hours",
            orders.average_size,
        )  # fmt: skip

    trades = figures.trades(now=now)
    yield _gauge("volume_24h", "Value of fills in quote, 24 hours", trades.volume)
    yield _gauge("fees_24h", "Fees of fills in quote, 24 hours", trades.fees)

    open_submissions = figures.submissions()
    yield _by_label(
        "submissions_open", "Submissions that have not ended, by state", "state",
        {state: waiting.count for state, waiting in open_submissions.by_state.items()},
    )  # fmt: skip
    yield _by_label(
        "submissions_oldest_seconds", "Age of the oldest open submission, by state", "state",
        {state: _age(waiting, now) for state, waiting in open_submissions.by_state.items()},
    )  # fmt: skip
    for name, meaning, waiting in (
        ("unknown_outcomes", "Submissions whose outcome is unknown", open_submissions.unknown),
        ("outbox_waiting", "Messages that wait for their sender", figures.outbox()),
        ("differences_open", "Differences not yet explained", figures.differences()),
    ):
        yield _gauge(name, meaning, waiting.count)
        yield _gauge(f"{name}_oldest_seconds", f"{meaning}: age of the oldest", _age(waiting, now))

    jobs = {job.name: job for job in figures.jobs()}
    yield _by_label(
        "job_runs", "Runs of a job", "job", {name: job.runs for name, job in jobs.items()}
    )
    yield _by_label(
        "job_failures", "Failed runs of a job", "job",
        {name: job.failures for name, job in jobs.items()},
    )  # fmt: skip
    yield _by_label(
        "job_age_seconds", "Since a job last ended", "job",
        {
            name: (now - job.finished_at).total_seconds()
            for name, job in jobs.items()
            if job.finished_at
        },
    )  # fmt: skip


def _pool() -> Iterable[GaugeMetricFamily]:
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    for name, meaning in (
        ("pool_size", "Connections of the web process's pool"),
        ("pool_available", "Connections of it that are free"),
        ("requests_waiting", "Threads that wait for one"),
    ):
        yield _gauge(f"web_{name}", meaning, stats.get(name, 0))


def _age(waiting: figures.Waiting, now: datetime) -> float:
    return max(0.0, (now - waiting.oldest).total_seconds()) if waiting.oldest else 0.0


def _gauge(name: str, meaning: str, value: object) -> GaugeMetricFamily:
    # Prometheus knows no decimals; these are for watching, never for booking.
    return GaugeMetricFamily(f"laminator_{name}", meaning, value=float(str(value)))


def _by_label(
    name: str, meaning: str, label: str, values: Mapping[str, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"laminator_{name}", meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
