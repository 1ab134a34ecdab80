"""Start-up of the room: listen to the log."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"

    def ready(self) -> None:
        from alerts import critical_news, receivers

        receivers.connect()
        critical_news.connect()
