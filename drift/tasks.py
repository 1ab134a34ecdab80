"""The room's jobs: one line each."""

from celery import shared_task
from django.utils import timezone

from core.jobs import run_job
from drift import services


@shared_task(name="drift.tasks.sync_markets")
def sync_markets() -> None:
    run_job(name="market_sync", work=services.sync_all_markets, lease_seconds=120)


@shared_task(name="drift.tasks.check_gates")
def check_gates() -> None:
    run_job(
        name="venue_gates",
        work=lambda: services.check_gates(now=timezone.now()),
        lease_seconds=120,
    )
