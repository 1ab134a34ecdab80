"""What is done about people and their acts."""

from accounts.services.access_user import access_user, find_user_by_telegram
from accounts.services.api_keys import (
    ApiKeyFacts,
    KeyHolder,
    access_api_key,
    create_api_key,
    list_api_keys,
    revoke_api_key,
)
from accounts.services.email import change_email, want_email
from accounts.services.end_intent import IntentEnd, end_intent, end_intents, take_back_intent
from accounts.services.enter_telegram_user import enter_telegram_user
from accounts.services.find_intent import IntentFacts, find_intent, find_intent_of
from accounts.services.links import LinkFacts, look_at_link, make_link, use_link
from accounts.services.notices import notify
from accounts.services.record_intent import content_hash_of, find_same_intent, record_intent
from accounts.services.rest_calls import act_once
from accounts.services.security import (
    SecurityFacts,
    lock_withdrawals,
    note_past_small_limit,
    read_security,
    refuse_if_locked,
    require_unlocked,
)
from accounts.services.set_status import check_user_status, set_user_status
from accounts.services.settings import change_setting, read_settings
from accounts.services.totp import check_totp, confirm_totp, enrol_totp, reset_totp
from accounts.services.web_sessions import (
    SessionFacts,
    find_session,
    list_sessions,
    open_session,
    revoke_session,
)

__all__ = [
    "ApiKeyFacts",
    "IntentEnd",
    "IntentFacts",
    "KeyHolder",
    "LinkFacts",
    "SecurityFacts",
    "SessionFacts",
    "access_api_key",
    "access_user",
    "act_once",
    "change_email",
    "change_setting",
    "check_totp",
    "check_user_status",
    "confirm_totp",
    "content_hash_of",
    "create_api_key",
    "end_intent",
    "end_intents",
    "enrol_totp",
    "enter_telegram_user",
    "find_intent",
    "find_intent_of",
    "find_same_intent",
    "find_session",
    "find_user_by_telegram",
    "list_api_keys",
    "list_sessions",
    "lock_withdrawals",
    "look_at_link",
    "make_link",
    "note_past_small_limit",
    "notify",
    "open_session",
    "read_security",
    "read_settings",
    "record_intent",
    "refuse_if_locked",
    "require_unlocked",
    "reset_totp",
    "revoke_api_key",
    "revoke_session",
    "set_user_status",
    "take_back_intent",
    "use_link",
    "want_email",
]
