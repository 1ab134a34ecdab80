"""What the roof alone can register: the schedule of the jobs, and the history of every room."""

import json
from typing import Any, ClassVar

import pghistory.models
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
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
from laminator.celery import app as celery_app

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
        "name", "task", "enabled", "interval", "crontab", "last_run_at", "total_run_count",
    )  # fmt: skip
    list_filter = ("enabled",)
    list_select_related = ("interval", "crontab")
    search_by = ("name", "task")
    search_help_text = "Exactly: name or task"
    editable = ("enabled", "interval", "crontab", "expire_seconds", "description")
    actions = ("run_now",)

    def has_run_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    @admin.action(description="Run now", permissions=["run"])
    def run_now(self, request: HttpRequest, queryset: "QuerySet[PeriodicTask]") -> None:
        """Ask for a run beside the schedule; a job that runs already is not run twice."""
        for row in queryset:
            try:
                celery_app.send_task(
                    row.task, args=json.loads(row.args), kwargs=json.loads(row.kwargs), retry=False
                )
            except BrokerError:
                self.message_user(request, f"{row.name}: the queue does not answer", messages.ERROR)
                continue
            record(action="job.run_now", resource=("periodic_tasks", row.pk), new={"job": row.name})
            self.message_user(request, f"{row.name}: asked to run", messages.SUCCESS)


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
