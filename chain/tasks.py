"""The room's jobs: one line each."""

import uuid

from celery import shared_task
from django.utils import timezone

from chain import services
from chain.enums import Lane
from core.errors import Unavailable
from core.jobs import run_job


@shared_task(
    name="chain.tasks.submit", autoretry_for=(Unavailable,), retry_backoff=1, max_retries=5
)
def submit(submission_id: str) -> None:
    services.drive_submission(submission_id=uuid.UUID(submission_id))


def ask_to_submit(submission_id: uuid.UUID, lane: str) -> None:
    """Into the queue of the workers that may sign it."""
    if lane == Lane.WITHDRAWAL:
        submit.apply_async((str(submission_id),), queue=Lane.WITHDRAWAL.value)
    else:
        submit.delay(str(submission_id))


@shared_task(name="chain.tasks.sweep_withdrawals")
def sweep_withdrawals() -> None:
    run_job(
        name="withdrawals_sweep",
        work=lambda: services.sign_forgotten(now=timezone.now(), lane=Lane.WITHDRAWAL),
        lease_seconds=60,
    )


@shared_task(name="chain.tasks.sweep_submissions")
def sweep_submissions() -> None:
    run_job(
        name="submissions_sweep",
        work=lambda: services.sweep_submissions(now=timezone.now()),
        lease_seconds=60,
    )
