"""What came in from Telegram and which message shows which card, as staff see it."""

from django.contrib import admin

from bot.models import SilentChat, TelegramCard, TelegramUpdate
from core.admin import FactAdmin


@admin.register(TelegramUpdate)
class TelegramUpdateAdmin(FactAdmin):
    list_display = (
        "update_id", "telegram_id", "state", "attempts", "received_at", "handled_at",
    )  # fmt: skip
    list_filter = ("state",)
    search_by = ("update_id",)
    search_help_text = "Exactly: the update's id"


@admin.register(TelegramCard)
class TelegramCardAdmin(FactAdmin):
    list_display = ("id", "chat_id", "card", "message_id", "created_at")
    search_by = ("id", "chat_id")
    search_help_text = "Exactly: id or the chat's id"


@admin.register(SilentChat)
class SilentChatAdmin(FactAdmin):
    list_display = ("chat_id", "since")
    search_by = ("chat_id",)
    search_help_text = "Exactly: the chat's id"
