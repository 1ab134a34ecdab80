"""Beat's rows come from the settings once, and then belong to the staff."""

import pytest
from celery import current_app
from django.conf import settings
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from core.roles import as_admin
from laminator.celery import app
from laminator.schedule import make_schedule


@pytest.fixture
def _no_schedule(owner_sql):
    """The rows that the migration made, taken away and made again afterwards."""
    empty = "TRUNCATE django_celery_beat_periodictask, django_celery_beat_intervalschedule CASCADE"
    owner_sql.execute(empty)
    yield
    owner_sql.execute(empty)
    with as_admin():
        make_schedule()


@pytest.mark.django_db
def test_a_migrated_database_has_every_job_on_its_schedule():
    with as_admin():
        rows = {row.name: row for row in PeriodicTask.objects.select_related("interval")}

    assert {name: (rows[name].task, rows[name].interval.every) for name in settings.JOBS} == {
        name: tuple(job) for name, job in settings.JOBS.items()
    }
    assert all(rows[name].enabled for name in settings.JOBS)


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_schedule")
def test_making_the_schedule_again_adds_nothing():
    with as_admin():
        assert make_schedule() == len(settings.JOBS)
        assert make_schedule() == 0
        assert PeriodicTask.objects.count() == len(settings.JOBS)


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_schedule")
def test_what_staff_changed_stays():
    with as_admin():
        make_schedule()
        hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
        row = PeriodicTask.objects.get(name="balance_sync")
        row.interval, row.enabled = hourly, False
        row.save()

        make_schedule()

        row.refresh_from_db()
        assert (row.interval, row.enabled) == (hourly, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_schedule")
def test_a_renamed_task_is_followed():
    with as_admin():
        make_schedule()
        PeriodicTask.objects.filter(name="balance_sync").update(task="old.name")

        make_schedule()

        row = PeriodicTask.objects.get(name="balance_sync")
        assert row.task == settings.JOBS["balance_sync"][0]


def test_tasks_of_every_process_go_to_the_desks_own_app_in_json():
    assert current_app._get_current_object() is app
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.broker_url == settings.CELERY_BROKER_URL
