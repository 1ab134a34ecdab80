"""Tables of the people of the desk."""

from accounts.models.intent import Intent
from accounts.models.session import UserSession
from accounts.models.settings import UserProfile, UserSetting
from accounts.models.user import User

__all__ = ["Intent", "User", "UserProfile", "UserSession", "UserSetting"]
