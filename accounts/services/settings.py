"""Read and change a person's settings."""

import uuid
from typing import Any

from accounts.models import User, UserSetting
from accounts.settings_shapes import SHAPES, check_setting, still_valid
from core.errors import NotFound
from core.roles import as_user


def read_settings(*, user_id: uuid.UUID) -> dict[str, Any]:
    """All groups of settings, with the defaults of what was never changed."""
    with as_user(user_id, looks=True):
        stored = dict(
            UserSetting.objects.filter(user_id=user_id).values_list("setting_key", "setting_value")
        )
    return {
        key: check_setting(key=key, value=still_valid(key=key, stored=stored.get(key, {})))
        for key in SHAPES
    }


def change_setting(*, user_id: uuid.UUID, key: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Change some fields of one group. Raises Refused for unknown keys and bad values, NotFound.

    The person's row is locked, so that two first changes of a group do not both insert it.
    """
    with as_user(user_id):
        if User.objects.select_for_update(no_key=True).filter(pk=user_id).first() is None:
            raise NotFound("user.not_found")
        row = (
            UserSetting.objects.select_for_update().filter(user_id=user_id, setting_key=key).first()
        )
        stored = still_valid(key=key, stored=row.setting_value if row else {})
        value = check_setting(key=key, value=stored | changes)
        row = row or UserSetting(user_id=user_id, setting_key=key)
        row.setting_value = value
        row.save()
    return value
