"""What the chat says of how an account is guarded."""

from accounts.services import SecurityFacts
from bot.markup import bold, quote

LINK = (
    "🔗 Your page: authenticator, address book, withdrawals, sessions. The link works once, for "
    "10 minutes. Never pass it on."
)


def security_screen(found: SecurityFacts) -> str:
    locked = found.withdrawals_locked_until
    return "\n".join(
        filter(
            None,
            [
                bold("Security"),
                f"Authenticator: {'enrolled' if found.has_totp else 'none yet'}",
                f"E-mail that is told of withdrawals: {quote(found.email or 'none yet')}",
                f"Account: {'frozen' if found.is_frozen else found.trading_state}",
                f"⛔ Withdrawals are locked until {locked:%Y-%m-%d %H:%M} UTC." if locked else "",
                "Codes are typed into the page alone, never into this chat.",
            ],
        )
    )
