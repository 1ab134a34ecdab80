"""What the chat says of how an account is guarded."""

from decimal import Decimal

from accounts.services import SecurityFacts
from bot.markup import bold, quote
from core.money import dollars

LINK = (
    "🔗 Your page: authenticator, address book, withdrawals, API keys, sessions. The link works "
    "once, for 10 minutes. Never pass it on."
)

FROZEN = (
    "🧊 Frozen. Positions can be closed, and nothing else is done on any channel: no money leaves, "
    "and resting orders that would open anything are being cancelled. /unfreeze takes a code of "
    "your authenticator."
)
LEFT = "⚠️ Some resting orders could not be cancelled yet: /orders shows them."
UNFREEZE = (
    "🔐 This page asks for a code of your authenticator, and then lets your account go again."
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


def offer(limit: Decimal) -> str:
    """Said when a wallet is made."""
    return (
        "🔐 Enrol an authenticator now: nothing leaves your wallet without its codes, and without "
        f"it at most {dollars(limit)} can be deposited in all. Enrolled later, with more than that "
        "here, it locks withdrawals for days. The link works once, for 10 minutes."
    )
