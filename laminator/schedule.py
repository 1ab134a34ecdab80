"""Beat's rows, made from settings.JOBS and from then on the staff's to edit."""

from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

# A run that waited longer than this for a worker is left out: the next one does its work.
_STALE_SECONDS = 300


def make_schedule(using: str = "default", **_: Any) -> int:
    """Make what is missing of the schedule; return how many jobs were added.

    Of a row that is there, only the name of its task is kept in step with the code: how often it
    runs, and whether, is the staff's.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('django_celery_beat_periodictask'), to_regclass('audit_logs')"
        )
        if None in cursor.fetchone():
            return 0  # migrated back, or to a point before these tables
    with transaction.atomic(using=using):
        return sum(
            _make_row(name=name, task=task, seconds=seconds, using=using)
            for name, (task, seconds) in settings.JOBS.items()
        )


def _make_row(*, name: str, task: str, seconds: int, using: str) -> bool:
    row = PeriodicTask.objects.using(using).filter(name=name).first()
    if row is None:
        PeriodicTask.objects.using(using).create(
            name=name,
            task=task,
            interval=_every(seconds, using),
            expire_seconds=max(seconds, _STALE_SECONDS),
        )
        return True
    if row.task != task:
        row.task = task
        row.save(using=using)
    return False


def _every(seconds: int, using: str) -> IntervalSchedule:
    # Staff may have made the same interval twice, which the table does not forbid.
    intervals = IntervalSchedule.objects.using(using)
    wanted = {"every": seconds, "period": IntervalSchedule.SECONDS}
    return intervals.filter(**wanted).first() or intervals.create(**wanted)
