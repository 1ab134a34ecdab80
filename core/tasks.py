"""The ground's own job."""

from celery import shared_task
from django.utils import timezone

from core.jobs import run_job
from core.partitions import ensure_partitions
from core.roles import as_sync


@shared_task(name="core.tasks.make_partitions")
def make_partitions() -> None:
    run_job(name="partitions", work=_make_partitions, lease_seconds=300)


def _make_partitions() -> int:
    with as_sync():
        return ensure_partitions(now=timezone.now())
