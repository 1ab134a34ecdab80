"""A user of the sandbox's Telegram for tests of whole ways."""

from laminator.demo.chat import (
    Message,
    NothingCame,
    TelegramUser,
    buttons_of,
    text_of,
)

__all__ = ["Message", "NothingCame", "TelegramUser", "buttons_of", "text_of"]
