"""Start-up of the ground."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import metrics, tracing

        connection_created.connect(metrics.watch_queries, dispatch_uid="desk.watch_queries")
        tracing.connect()
