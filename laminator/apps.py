"""Start-up of the roof."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class LaminatorConfig(AppConfig):
    name = "laminator"

    def ready(self) -> None:
        from laminator import celery, database, schedule

        # Sent for each app with tables, in the order of INSTALLED_APPS; this is the last of them.
        last = apps.get_app_config("bot")
        pre_migrate.connect(database.drop_views, sender=last)
        post_migrate.connect(database.finish_migrate, sender=last)
        post_migrate.connect(schedule.make_schedule, sender=last)
        # Tasks that any process asks for go to this app's broker.
        celery.app.set_default()
