"""The back office's first page: how the desk fares right now, by at most 15 queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from chain.enums import IN_FLIGHT
from core.admin_columns import NOTHING, gain
from core.errors import Misconfigured
from core.models import Job
from core.money import dollars, plain
from laminator import figures, probes, readiness

# A page of people: they look again in seconds, and outsiders need not be asked each time.
_HEALTH_KEPT_SECONDS = 15.0
_PRICE_STALE = timedelta(seconds=30)
_UNKNOWN_WORRIES = timedelta(minutes=2)
_OUTBOX_WORRIES = timedelta(seconds=60)
_CHART_HEIGHT = 120
# What a bar of the chart is made of, from the bottom up: (kind, statuses).
_BARS = (
    ("good", ("filled",)),
    ("way", ("open", "pending", "partially_filled")),
    ("plain", ("cancelled",)),
    ("bad", ("failed", "expired", "no_effect", "not_executed")),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One figure, what it says, and whether it worries."""

    title: str
    value: Any
    note: Any = ""
    link: str = ""
    worries: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour of the chart; its parts are (kind, top, height) in the picture's units."""

    x: int
    label: str
    hour: str
    parts: list[tuple[str, float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a name, its state, what there is to tell."""

    name: str
    ok: bool
    columns: list[Any]
    link: str = ""


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill in what the page shows; unfold calls this."""
    if not request.user.is_authenticated:
        return context
    now = timezone.now()
    orders = figures.orders(now=now)
    submissions = figures.submissions()
    health = readiness.report(kept_seconds=_HEALTH_KEPT_SECONDS)
    context["title"] = "Desk"
    context["desk"] = {
        "now": now,
        "groups": [
            ("Traders and positions", _trader_cards(now)),
            ("Orders, last 24 hours", _order_cards(orders, now)),
            ("Waiting", _waiting_cards(submissions, now)),
        ],
        "bars": _bars(orders),
        "chart_height": _CHART_HEIGHT,
        "outcomes": [
            (status.replace("_", " "), count)
            for status, count in sorted(orders.by_outcome.items(), key=lambda each: -each[1])
        ],
        "submissions": _submission_lines(submissions, now),
        "jobs": _job_lines(figures.jobs(), now),
        "prices": _price_lines(now),
        "health": [
            Line(check.name.replace("_", " "), check.ok, [check.error or "well", _check_age(check)])
            for check in health.checks
        ],
        "healthy": health.ok,
    }
    return context


def _trader_cards(now: datetime) -> list[Card]:
    people, positions = figures.people(now=now), figures.positions(now=now)
    return [
        Card("Traders", f"{people.traders:,}", "", "/admin/accounts/user/?role__exact=trader"),
        Card("Active in 24 hours", f"{people.active_24h:,}", _share(people)),
        Card(
            "Open positions", f"{positions.open:,}",
            f"{positions.opened_24h:,} opened, {positions.closed_24h:,} closed in 24 hours",
            "/admin/drift/driftposition/?status__exact=open",
        ),
        Card("Open notional", dollars(positions.notional, 0), "at mark price"),
        Card("Unrealised PnL", gain(positions.unrealized_pnl), "of all open positions"),
    ]  # fmt: skip


def _share(people: figures.People) -> str:
    return f"{100 * people.active_24h // people.traders} % of all" if people.traders else ""


def _order_cards(orders: figures.Orders, now: datetime) -> list[Card]:
    trades = figures.trades(now=now)
    rate = orders.success_rate
    return [
        Card("Placed", f"{orders.placed:,}", "", "/admin/drift/driftorder/"),
        Card(
            "Success rate",
            NOTHING if rate is None else f"{plain(rate * 100, 1)} %",
            "filled, of those that ended by themselves",
            worries=rate is not None and rate < Decimal("0.8"),
        ),
        Card(
            "Average order",
            NOTHING if orders.average_size is None else dollars(orders.average_size),
            "filled value",
        ),
        Card("Volume", dollars(trades.volume, 0), f"{trades.fills:,} fills"),
        Card("Fees", dollars(trades.fees), "paid by traders to the venues"),
    ]


def _waiting_cards(submissions: figures.Submissions, now: datetime) -> list[Card]:
    unknown, outbox = submissions.unknown, figures.outbox()
    differences = figures.differences()
    return [
        Card(
            "Unknown outcomes", f"{unknown.count:,}", _oldest(unknown, now),
            "/admin/chain/submission/?ended=no", worries=_older(unknown, _UNKNOWN_WORRIES, now),
        ),
        Card(
            "Differences", f"{differences.count:,}", _oldest(differences, now),
            "/admin/trading/difference/?ended=no", worries=differences.count > 0,
        ),
        Card(
            "Outbox", f"{outbox.count:,}", _oldest(outbox, now),
            "/admin/alerts/outboxmessage/?state__exact=waiting",
            worries=_older(outbox, _OUTBOX_WORRIES, now),
        ),
    ]  # fmt: skip


def _bars(orders: figures.Orders) -> list[Bar]:
    tallest = max((sum(counts.values()) for _, counts in orders.by_hour), default=0) or 1
    return [
        Bar(
            x=place * 30,
            label=f"{hour:%H:%M} UTC: "
            + (", ".join(f"{n} {status}" for status, n in sorted(counts.items())) or "none"),
            hour=f"{hour:%H}" if place % 3 == 2 else "",
            parts=list(_parts(counts, tallest)),
        )
        for place, (hour, counts) in enumerate(orders.by_hour)
    ]


def _parts(counts: Any, tallest: int) -> Iterable[tuple[str, float, float]]:
    top = float(_CHART_HEIGHT)
    for kind, statuses in _BARS:
        height = _CHART_HEIGHT * sum(counts.get(each, 0) for each in statuses) / tallest
        if height:
            top -= height
            yield kind, round(top, 1), round(max(height - 1, 1), 1)


def _submission_lines(submissions: figures.Submissions, now: datetime) -> list[Line]:
    return [
        Line(
            state,
            not (state in IN_FLIGHT and _older(waiting, _UNKNOWN_WORRIES, now)),
            [f"{waiting.count:,}", age(now - waiting.oldest) if waiting.oldest else ""],
            f"/admin/chain/submission/?state__exact={state}",
        )
        for state, waiting in sorted(submissions.by_state.items())
    ]


def _job_lines(jobs: list[Job], now: datetime) -> list[Line]:
    return [_job_line(job, now) for job in jobs]


def _job_line(job: Job, now: datetime) -> Line:
    _, seconds = settings.JOBS.get(job.name, ("", 3600))
    idle = now - job.finished_at if job.finished_at else None
    late = idle is not None and idle > timedelta(seconds=3 * seconds + 30)
    return Line(
        job.name.replace("_", " "),
        idle is not None and not late and not job.last_error,
        [
            f"{age(idle)} ago" if idle is not None else "never",
            f"{plain(job.lag_seconds, 1)} s" if job.lag_seconds is not None else NOTHING,
            f"{job.runs:,}",
            f"{job.failures:,}",
            job.last_error[:80],
        ],
        f"/admin/core/job/{job.name}/change/",
    )


def _price_lines(now: datetime) -> list[Line]:
    try:
        found = probes.last_prices()
    except (redis.RedisError, Misconfigured):
        return []
    return [
        Line(
            symbol,
            now - price["observed_at"] <= _PRICE_STALE,
            [
                dollars(
                    Decimal(str(price["price"])), 2 if Decimal(str(price["price"])) > 10 else 5
                ),
                age(max(timedelta(0), now - price["observed_at"])),
                price.get("source", ""),
            ],
        )
        for symbol, price in list(found.items())[:40]
    ]


def _check_age(check: readiness.Check) -> str:
    if check.age_seconds is None:
        return ""
    return age(timedelta(seconds=check.age_seconds))


def _oldest(waiting: figures.Waiting, now: datetime) -> str:
    return f"oldest {age(now - waiting.oldest)}" if waiting.oldest else "none"


def _older(waiting: figures.Waiting, bound: timedelta, now: datetime) -> bool:
    return waiting.oldest is not None and now - waiting.oldest > bound


def age(span: timedelta) -> str:
    """A span of time in its largest unit: `12 s`, `4 min`, `3 h`, `2 d`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size or (unit == "min" and seconds >= 90):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
