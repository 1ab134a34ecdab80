"""A key by which a person's program calls the desk; of its secret only a hash is kept."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.enums import ApiKeyStatus
from accounts.models.user import User
from core.constraints import OnDelete, one_of
from core.models import DeskModel


class UserApiKey(DeskModel):
    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, related_name="api_keys")
    key_name = models.TextField()
    api_key = models.TextField(unique=True)
    api_secret_hash = models.TextField()
    permissions = ArrayField(models.TextField(), default=list)
    # Addresses and networks; none means from anywhere.
    allowed_ips = ArrayField(models.TextField(), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    status = models.TextField(choices=ApiKeyStatus.choices, default=ApiKeyStatus.ACTIVE)

    class Meta:
        db_table = "user_api_keys"
        constraints = [
            OnDelete(field="user", name="user_api_keys_user_fk"),
            one_of("status", ApiKeyStatus, "user_api_keys_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.key_name} {self.api_key}"
