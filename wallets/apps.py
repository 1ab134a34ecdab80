"""Start-up of the room."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    name = "wallets"
