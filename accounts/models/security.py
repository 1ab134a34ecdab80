"""What guards a person's money: locks, one-time links, and what the second channel is told."""

from django.db import models
from django.db.models import Q

from accounts.enums import LinkPurpose, NoticeKind
from accounts.models.user import User
from core.constraints import OnDelete, one_of
from core.models import ChangingModel, DeskModel


class UserSecurity(ChangingModel):
    """Until when a person's withdrawals are locked and why; no row means nothing is."""

    user = models.OneToOneField(User, models.CASCADE, db_constraint=False, related_name="security")
    withdrawals_locked_until = models.DateTimeField(null=True, blank=True)
    lock_reason = models.TextField(blank=True, default="")
    totp_confirmed_at = models.DateTimeField(null=True, blank=True)
    # More money than the small limit has been seen here: a first device after it is not trusted
    # at once, as whoever has stolen the chat could be the one who brings it.
    past_small_limit_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "user_security"
        constraints = [OnDelete(field="user", name="user_security_user_fk")]

    def __str__(self) -> str:
        return f"locked until {self.withdrawals_locked_until}"


class WebLink(DeskModel):
    """A link that opens one page for one person once; the token itself is kept nowhere."""

    user = models.ForeignKey(User, models.CASCADE, db_constraint=False, related_name="web_links")
    purpose = models.TextField(choices=LinkPurpose.choices)
    token_hash = models.TextField(unique=True)
    subject_id = models.UUIDField(null=True, blank=True)
    params = models.JSONField(default=dict, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "web_links"
        constraints = [
            OnDelete(field="user", name="web_links_user_fk"),
            one_of("purpose", LinkPurpose, "web_links_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} until {self.expires_at:%Y-%m-%d %H:%M}"


class SecurityNotice(ChangingModel):
    """What the second channel is to be told; written with the change, sent after it."""

    user = models.ForeignKey(
        User, models.CASCADE, db_constraint=False, related_name="security_notices"
    )
    kind = models.TextField(choices=NoticeKind.choices)
    subject_id = models.UUIDField(null=True, blank=True)
    params = models.JSONField(default=dict, blank=True)
    # The address at the moment of the change: who takes over the account must not turn it aside.
    email = models.TextField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")

    class Meta:
        db_table = "security_notices"
        indexes = [
            # The sender: what is still to be told.
            models.Index(
                fields=["next_attempt_at"],
                name="security_notices_waiting",
                condition=Q(sent_at__isnull=True),
            )
        ]
        constraints = [
            OnDelete(field="user", name="security_notices_user_fk"),
            one_of("kind", NoticeKind, "security_notices_kind_known"),
        ]

    def __str__(self) -> str:
        return self.kind
