"""The log of every act: appended, never changed, one partition a month; and its seals."""

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


class UnsealedAudit(models.Model):
    """A committed row of the log that waits for its seal; written by a trigger of the log.

    A row that commits late appears here when it commits, whatever its id and its time say.
    """

    audit_id = models.UUIDField(primary_key=True)
    row_at = models.DateTimeField()
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "audit_unsealed"
        indexes = [models.Index(fields=["noted_at"], name="audit_unsealed_noted")]

    def __str__(self) -> str:
        return str(self.audit_id)


class AuditSeal(models.Model):
    """One sealed row of the log, linked to the one before it."""

    seq = models.BigIntegerField(primary_key=True)
    audit_id = models.UUIDField(unique=True)
    row_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    previous = models.TextField()
    hash = models.TextField()

    class Meta:
        db_table = "audit_seals"

    def __str__(self) -> str:
        return f"{self.seq} {self.audit_id}"


class AuditRoot(models.Model):
    """A batch of seals under one signature, which covers all batches before it too."""

    batch = models.BigIntegerField(primary_key=True)
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    previous = models.TextField()
    root = models.TextField()
    signature = models.TextField()
    key_id = models.TextField()
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "audit_roots"

    def __str__(self) -> str:
        return f"{self.batch} {self.root[:12]}"
