"""The room's jobs: one line each."""

from celery import shared_task
from django.utils import timezone

from accounts.services import notices
from core.jobs import run_job


@shared_task(name="accounts.tasks.send_notices")
def send_notices() -> None:
    run_job(
        name="security_notices",
        work=lambda: notices.send_notices(now=timezone.now()),
        lease_seconds=120,
    )
