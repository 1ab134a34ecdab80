"""One row for each act that moves money: the reason that it happens exactly once."""

from django.db import models

from accounts.enums import Channel, IntentKind, IntentStatus
from accounts.models.user import User
from core.constraints import OnDelete, one_of
from core.models import DeskModel


class Intent(DeskModel):
    """What a caller asked for, under the caller's own key; its id is its subject's id."""

    user = models.ForeignKey(
        User, models.CASCADE, db_constraint=False, db_index=False, related_name="intents"
    )
    channel = models.TextField(choices=Channel.choices)
    idempotency_key = models.TextField()
    content_hash = models.TextField()
    kind = models.TextField(choices=IntentKind.choices)
    status = models.TextField(choices=IntentStatus.choices, default=IntentStatus.OPEN)
    deadline = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "intents"
        constraints = [
            OnDelete(field="user", name="intents_user_fk"),
            models.UniqueConstraint(
                fields=["user", "channel", "idempotency_key"], name="intents_key"
            ),
            one_of("channel", Channel, "intents_channel_known"),
            one_of("kind", IntentKind, "intents_kind_known"),
            one_of("status", IntentStatus, "intents_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
