"""A person's sessions: at the web pages, each found by the hash of what its cookie holds."""

from django.db import models
from django.utils import timezone

from accounts.enums import Channel
from accounts.models.user import User
from core.constraints import OnDelete, one_of
from core.models import DeskModel


class UserSession(DeskModel):
    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, related_name="sessions")
    channel = models.TextField(choices=Channel.choices)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.TextField(null=True, blank=True)
    token_hash = models.TextField(null=True, blank=True, unique=True)
    last_activity = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "user_sessions"
        constraints = [
            OnDelete(field="user", name="user_sessions_user_fk"),
            one_of("channel", Channel, "user_sessions_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.created_at:%Y-%m-%d %H:%M}"
