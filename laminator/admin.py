"""What the roof alone can register: the schedule of the jobs, and the history of every room."""

import json
from datetime import datetime
from typing import Any, ClassVar

import pghistory.models
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from kombu.exceptions import OperationalError as BrokerError

from audit.services import record
from core.admin import FactAdmin
from core.admin_columns import NOTHING
from core.models import Job
from core.money import plain
from laminator.celery import app as celery_app
from laminator.desk_home import age

# What a member of staff may do follows from the role, not from groups.
for _model in (
    Group, PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule,
):  # fmt: skip
    admin.site.unregister(_model)


class _AdminsOwn(FactAdmin):
    """Looked at by all staff, added to and changed by admins."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.editable) if obj is None else super().get_fields(request, obj)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(FactAdmin):
    """The jobs' schedule. Rows are made from the settings; how often they run is staff's."""

    list_display = (
        "name", "enabled", "interval", "crontab", "state_of_job", "lag_of_job", "result_of_job",
        "last_run_at",
    )  # fmt: skip
    list_filter = ("enabled",)
    list_select_related = ("interval", "crontab")
    search_by = ("name", "task")
    search_help_text = "Exactly: name or task"
    editable = ("enabled", "interval", "crontab", "expire_seconds", "description")
    actions = ("run_now", "pause", "resume")

    def has_run_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With how each job fares, from its own row."""
        job = Job.objects.filter(name=OuterRef("name"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(
            job_started_at=job.values("started_at"),
            job_finished_at=job.values("finished_at"),
            job_leased_until=job.values("leased_until"),
            job_lag=job.values("lag_seconds"),
            job_error=job.values("last_error"),
            job_result=job.values("last_result"),
        )  # fmt: skip
        return rows

    @admin.display(description="Now")
    def state_of_job(self, row: Any) -> str:
        now = timezone.now()
        if _is_held(row.job_leased_until, now):
            return f"runs since {row.job_started_at:%H:%M:%S} UTC"
        if not row.enabled:
            return "paused"
        if row.job_finished_at is None:
            return "never ran"
        return f"ended {age(now - row.job_finished_at)} ago"

    @admin.display(description="Lag")
    def lag_of_job(self, row: Any) -> str:
        return NOTHING if row.job_lag is None else f"{plain(row.job_lag, 1)} s"

    @admin.display(description="Last result")
    def result_of_job(self, row: Any) -> str:
        if row.job_error:
            return f"failed: {row.job_error[:80]}"
        told = row.job_result or {}
        return ", ".join(f"{name} {value}" for name, value in told.items())[:80] or NOTHING

    @admin.action(description="Run now", permissions=["run"])
    def run_now(self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]") -> None:
        """Ask for a run beside the schedule, which takes the job's lease like any other.

        A job that runs already is not asked for; one that begins meanwhile is not run twice.
        """
        now = timezone.now()
        for row in queryset:
            job = Job.objects.filter(name=row.name).first()
            if job is not None and _is_held(job.leased_until, now):
                said = f"{row.name}: it runs already, since {job.started_at:%H:%M:%S} UTC"
                self.message_user(request, said, messages.WARNING)
                continue
            try:
                celery_app.send_task(
                    row.task, args=json.loads(row.args), kwargs=json.loads(row.kwargs), retry=False
                )
            except BrokerError:
                self.message_user(request, f"{row.name}: the queue does not answer", messages.ERROR)
                continue
            record(action="job.run_now", resource=("periodic_tasks", row.pk), new={"job": row.name})
            self.message_user(request, f"{row.name}: asked to run", messages.SUCCESS)

    @admin.action(description="Pause", permissions=["run"])
    def pause(self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]") -> None:
        """Off its schedule until somebody lets it go on; what runs now is not stopped."""
        self._set_enabled(request, queryset, to=False)

    @admin.action(description="Let go on", permissions=["run"])
    def resume(self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]") -> None:
        self._set_enabled(request, queryset, to=True)

    def _set_enabled(
        self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]", *, to: bool
    ) -> None:
        for row in queryset.filter(enabled=not to):
            row.enabled = to
            # By save, which tells Beat and the log.
            row.save(update_fields=["enabled", "date_changed"])
            said = "goes on" if to else "is paused"
            self.message_user(request, f"{row.name} {said}", messages.SUCCESS)


def _is_held(leased_until: datetime | None, now: datetime) -> bool:
    return leased_until is not None and leased_until > now


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(_AdminsOwn):
    list_display = ("id", "every", "period")
    editable: ClassVar[tuple[str, ...]] = ("every", "period")


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(_AdminsOwn):
    list_display = ("id", "minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    editable: ClassVar[tuple[str, ...]] = (
        "minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone",
    )  # fmt: skip


@admin.register(SolarSchedule)
class SolarScheduleAdmin(FactAdmin):
    list_display = ("id", "event", "latitude", "longitude")


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(FactAdmin):
    list_display = ("id", "clocked_time")


class HistoryAdmin(FactAdmin):
    """Each change of a tracked row, written by the database itself."""

    search_by = ("id",)
    search_help_text = "Exactly: the row's id"

    def __init__(self, model: Any, site: admin.AdminSite) -> None:
        known = {field.name for field in model._meta.concrete_fields}
        wanted = ("pgh_id", "pgh_created_at", "pgh_label", "id", "user", "status", "size",
                  "filled_size", "realized_pnl")  # fmt: skip
        self.list_display = tuple(name for name in wanted if name in known)
        self.list_select_related = ("user",) if "user" in known else False
        super().__init__(model, site)


for _model in apps.get_models():
    if issubclass(_model, pghistory.models.Event):
        admin.site.register(_model, HistoryAdmin)
