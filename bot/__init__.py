"""The Telegram bot: the only room that speaks Telegram."""

from bot.deferred_types import defer_telegram_types

defer_telegram_types()
