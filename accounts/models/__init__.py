"""Tables of the people of the desk."""

from accounts.models.api_key import UserApiKey
from accounts.models.authenticator import Authenticator
from accounts.models.intent import Intent
from accounts.models.rest_call import RestCall
from accounts.models.security import SecurityNotice, UserSecurity, WebLink
from accounts.models.session import UserSession
from accounts.models.settings import UserProfile, UserSetting
from accounts.models.user import User

__all__ = [
    "Authenticator",
    "Intent",
    "RestCall",
    "SecurityNotice",
    "User",
    "UserApiKey",
    "UserProfile",
    "UserSecurity",
    "UserSession",
    "UserSetting",
    "WebLink",
]
