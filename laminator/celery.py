"""The app of worker and Beat: tasks of all rooms, spoken in JSON alone."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready

from core.logs import process_name

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")
# The library would run every system check, and so import every page, in each worker's start.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("laminator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _begin_worker(**_: Any) -> None:
    from laminator.broker import use_patient_channel
    from laminator.start_check import check_start

    check_start(process_name())
    use_patient_channel()


@worker_ready.connect
def _look_at_once(**_: Any) -> None:
    # Beat's first run is an interval away; until a venue is looked at, it takes no new risk.
    app.send_task("drift.tasks.check_gates")
