"""The base of every table, and the leases of the jobs."""

from django.db import models
from django.utils import timezone

from core.fields import KeyField


class DeskModel(models.Model):
    """A row with a time-ordered key and the moment it was made."""

    id = KeyField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class ChangingModel(DeskModel):
    """A row that is changed, with the moment of its last change."""

    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Job(models.Model):
    """A scheduled job as it runs: who holds it, how late it is, how it ended.

    One row a job; the lease makes a job never overlap itself, also when Beat runs twice.
    """

    name = models.TextField(primary_key=True)
    holder = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lag_seconds = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    runs = models.BigIntegerField(default=0)
    failures = models.BigIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    last_result = models.JSONField(default=dict)

    class Meta:
        db_table = "jobs"

    def __str__(self) -> str:
        return self.name
