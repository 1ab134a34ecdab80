"""The log of every act: appended, never changed, one partition a month."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.constraints import OnDelete, database_sets_null
from core.fields import KeyField


class AuditLog(models.Model):
    """One act: who did what to which row by which door, with the values before and after.

    `user` may become null when a person is deleted; `actor_id` is a plain copy that stays and
    that the content hash covers.
    """

    id = KeyField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, database_sets_null, db_constraint=False, db_index=False,
        null=True, related_name="+",
    )  # fmt: skip
    actor_id = models.UUIDField(null=True)
    action = models.TextField()
    resource_type = models.TextField()
    resource_id = models.TextField(null=True)
    old_values = models.JSONField(null=True)
    new_values = models.JSONField(null=True)
    channel = models.TextField()
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(null=True)
    trace_id = models.TextField()
    content_hash = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "audit_logs"
        indexes = [
            models.Index(fields=["user", "action"], name="audit_logs_user_action"),
            models.Index(fields=["resource_type", "resource_id"], name="audit_logs_resource"),
            models.Index(fields=["-created_at"], name="audit_logs_created"),
        ]
        constraints = [OnDelete(field="user", name="audit_logs_user_fk")]

    def __str__(self) -> str:
        return f"{self.action} {self.resource_type} {self.resource_id}"
