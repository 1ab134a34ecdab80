"""How a person wants the desk to look and behave."""

from django.db import models

from accounts.models.user import User
from core.constraints import OnDelete
from core.models import ChangingModel


class UserProfile(ChangingModel):
    """Who the person is to the desk: name shown, appetite for risk, theme."""

    user = models.OneToOneField(User, models.CASCADE, db_constraint=False, related_name="profile")
    display_name = models.TextField(null=True, blank=True)
    risk_tolerance = models.TextField(default="moderate")
    default_theme = models.TextField(default="system")
    notification_preferences = models.JSONField(default=dict, blank=True)
    dashboard_layout = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "user_profiles"
        constraints = [OnDelete(field="user", name="user_profiles_user_fk")]

    def __str__(self) -> str:
        return self.display_name or str(self.user_id)


class UserSetting(ChangingModel):
    """One group of settings of a person; the shape of each key is in accounts/settings_shapes."""

    user = models.ForeignKey(
        User, models.CASCADE, db_constraint=False, db_index=False, related_name="settings"
    )
    setting_key = models.TextField()
    setting_value = models.JSONField(default=dict)

    class Meta:
        db_table = "user_settings"
        constraints = [
            OnDelete(field="user", name="user_settings_user_fk"),
            models.UniqueConstraint(fields=["user", "setting_key"], name="user_settings_key"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.setting_key}"
