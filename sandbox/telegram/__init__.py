"""A strict stand-in for Telegram's Bot API, with a chat page where people play the users."""
