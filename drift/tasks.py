"""The room's jobs: one line each."""

from celery import shared_task

from core.jobs import run_job
from drift import services


@shared_task(name="drift.tasks.sync_markets")
def sync_markets() -> None:
    run_job(name="market_sync", work=services.sync_all_markets, lease_seconds=120)
