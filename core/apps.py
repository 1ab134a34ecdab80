"""Start-up of the ground."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from core.lean import only_utc, without

# Tasks speak JSON alone.
with without("yaml", "msgpack"):
    import kombu.serialization  # noqa: F401

# The schedule's field of time zones would read all 600 of them from the disk, twice, in each
# process; the desk knows one.
with only_utc():
    import timezone_field.backends.zoneinfo  # noqa: F401


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import metrics, tracing

        connection_created.connect(metrics.watch_queries, dispatch_uid="desk.watch_queries")
        tracing.connect()
