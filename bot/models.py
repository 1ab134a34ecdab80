"""What came in from Telegram, and which message shows which card."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.constraints import one_of
from core.models import DeskModel


class UpdateState(models.TextChoices):
    RECEIVED = "received"
    HANDLED = "handled"


class TelegramUpdate(models.Model):
    """One update of Telegram's, stored before its receipt is acknowledged."""

    update_id = models.BigIntegerField(primary_key=True)
    telegram_id = models.BigIntegerField(null=True)
    body = models.JSONField()
    state = models.TextField(choices=UpdateState.choices, default=UpdateState.RECEIVED)
    attempts = models.IntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "telegram_updates"
        indexes = [
            models.Index(
                fields=["update_id"], name="telegram_updates_open", condition=Q(state="received")
            )
        ]
        constraints = [one_of("state", UpdateState, "telegram_updates_state_known")]

    def __str__(self) -> str:
        return f"{self.update_id} {self.state}"


class TelegramCard(DeskModel):
    """The message that shows a card in a chat; it is edited, never sent twice."""

    chat_id = models.BigIntegerField()
    card = models.TextField()
    message_id = models.BigIntegerField()
    shown_hash = models.TextField(blank=True, default="")

    class Meta:
        db_table = "telegram_cards"
        constraints = [
            models.UniqueConstraint(fields=["chat_id", "card"], name="telegram_cards_card")
        ]

    def __str__(self) -> str:
        return f"{self.card} in {self.chat_id}"


class SilentChat(models.Model):
    """A chat that takes no message: its person has blocked the bot."""

    chat_id = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField()

    class Meta:
        db_table = "telegram_silent_chats"

    def __str__(self) -> str:
        return str(self.chat_id)
