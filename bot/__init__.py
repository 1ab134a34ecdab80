"""The Telegram bot: the only room that speaks Telegram."""
