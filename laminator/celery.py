"""The app of worker and Beat: tasks of all rooms, spoken in JSON alone."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "laminator.settings")

app = Celery("laminator")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
