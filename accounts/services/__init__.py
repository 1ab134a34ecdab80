"""What is done about people and their acts."""

from accounts.services.access_user import access_user, find_user_by_telegram
from accounts.services.end_intent import end_intent
from accounts.services.enter_telegram_user import enter_telegram_user
from accounts.services.find_intent import IntentFacts, find_intent, find_intent_of
from accounts.services.record_intent import content_hash_of, record_intent
from accounts.services.settings import change_setting, read_settings

__all__ = [
    "IntentFacts",
    "access_user",
    "change_setting",
    "content_hash_of",
    "end_intent",
    "enter_telegram_user",
    "find_intent",
    "find_intent_of",
    "find_user_by_telegram",
    "read_settings",
    "record_intent",
]
