"""The room's jobs: one line each."""

import uuid

from celery import shared_task
from django.utils import timezone

from chain import services
from core.errors import Unavailable
from core.jobs import run_job


@shared_task(
    name="chain.tasks.submit", autoretry_for=(Unavailable,), retry_backoff=1, max_retries=5
)
def submit(submission_id: str) -> None:
    services.drive_submission(submission_id=uuid.UUID(submission_id))


@shared_task(name="chain.tasks.sweep_submissions")
def sweep_submissions() -> None:
    run_job(
        name="submissions_sweep",
        work=lambda: services.sweep_submissions(now=timezone.now()),
        lease_seconds=60,
    )
