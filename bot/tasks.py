"""The room's job: one line."""

from celery import shared_task
from django.utils import timezone

from bot.updates import forget_updates
from core.jobs import run_job


@shared_task(name="bot.tasks.forget_old_updates")
def forget_old_updates() -> None:
    run_job(
        name="updates_forgotten",
        work=lambda: forget_updates(now=timezone.now()),
        lease_seconds=300,
    )
