"""Start-up of the room."""

from django.apps import AppConfig


class BotConfig(AppConfig):
    name = "bot"
