"""The room's jobs: one line each."""

from celery import shared_task
from django.utils import timezone

from audit.exporting import export_root
from audit.sealing import seal_audit
from core.jobs import run_job


@shared_task(name="audit.tasks.seal")
def seal() -> None:
    run_job(name="audit_seal", work=lambda: seal_audit(now=timezone.now()), lease_seconds=30)


@shared_task(name="audit.tasks.export")
def export() -> None:
    run_job(name="audit_export", work=lambda: export_root(now=timezone.now()), lease_seconds=60)
