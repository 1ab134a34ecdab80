"""A money request over REST under its caller's key: so that a repeat is told from another one."""

from django.db import models

from accounts.models.user import User
from core.constraints import OnDelete
from core.models import DeskModel


class RestCall(DeskModel):
    """Which body an Idempotency-Key stands for; what became of it is the intent's to say."""

    user = models.ForeignKey(
        User, models.CASCADE, db_constraint=False, db_index=False, related_name="rest_calls"
    )
    idempotency_key = models.TextField()
    body_hash = models.TextField()
    # Who works on it now, until when: past it the worker is taken for dead.
    running = models.UUIDField(null=True, blank=True)
    running_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "rest_calls"
        constraints = [
            OnDelete(field="user", name="rest_calls_user_fk"),
            models.UniqueConstraint(fields=["user", "idempotency_key"], name="rest_calls_key"),
        ]

    def __str__(self) -> str:
        return self.idempotency_key
