"""What the bot says: facts in, Telegram's HTML out; no network, no database."""
