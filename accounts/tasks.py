"""The room's jobs: one line each."""

from celery import shared_task
from django.utils import timezone

from accounts.services import notices, rest_calls
from core.jobs import run_job


@shared_task(name="accounts.tasks.send_notices")
def send_notices() -> None:
    run_job(
        name="security_notices",
        work=lambda: notices.send_notices(now=timezone.now()),
        lease_seconds=120,
    )


@shared_task(name="accounts.tasks.forget_rest_calls")
def forget_rest_calls() -> None:
    run_job(
        name="rest_calls_retention",
        work=lambda: rest_calls.forget_calls(now=timezone.now()),
        lease_seconds=300,
    )
