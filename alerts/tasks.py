"""The room's jobs: one line each."""

from celery import shared_task
from django.utils import timezone

from alerts import services
from core.jobs import run_job


@shared_task(name="alerts.tasks.expire_alerts")
def expire_alerts() -> None:
    run_job(
        name="alerts_expiry",
        work=lambda: services.expire_alerts(now=timezone.now()),
        lease_seconds=60,
    )


@shared_task(name="alerts.tasks.watch_events")
def watch_events() -> None:
    run_job(
        name="events_watch",
        work=lambda: services.watch_events(now=timezone.now()),
        lease_seconds=60,
    )
