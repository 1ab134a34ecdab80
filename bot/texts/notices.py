"""What the chats say of events of the desk, and of what a person is told in words of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiogram.types import InlineKeyboardMarkup

from alerts.services import NotificationFacts, SystemEventFacts
from bot import keyboards
from bot.markup import bold, quote
from bot.texts import figures

# The word that a person types → (their setting, its title).
KINDS = {
    "trades": ("trade_notifications", "Trades"),
    "alerts": ("price_alerts", "Price alerts"),
    "positions": ("position_alerts", "Position alerts"),
    "wallets": ("wallet_alerts", "Wallet alerts"),
    "news": ("news", "News"),
    "digests": ("digests", "Digests"),
}
# A message holds a little more.
_FITS = 3500
_MARKS = {"critical": "🚨", "warning": "⚠️", "info": "🔹"}


def system_event_card(found: SystemEventFacts) -> str:
    """For the staff's channel: what it is, since when, and who has taken it up."""
    mark = "✅" if found.status == "resolved" else _MARKS[found.severity]
    title = found.event_type.replace("_", " ").capitalize()
    lines = [
        f"{mark} {bold(title)}",
        quote(found.message),
        f"{quote(found.source)} · since {figures.moment(found.created_at, 'UTC')} UTC",
    ]
    if found.acknowledged_by:
        lines.append(f"Taken up by {quote(found.acknowledged_by)}.")
    if found.status == "resolved":
        lines.append("It is over.")
    elif not found.acknowledged_by:
        lines.append("Nobody has taken it up yet: back office, System events.")
    return "\n".join(lines)


def notification_card(found: NotificationFacts) -> str:
    mark = "❗" if found.importance == "high" else "🔔"
    return f"{mark} {bold(found.title)}\n{quote(found.message)}"


def of_notification(found: NotificationFacts) -> InlineKeyboardMarkup | None:
    return None if found.read_at else keyboards.rows([("✓ Read", f"nr:{found.id.hex}")])


def times_told(text: str, times: int) -> str:
    """What is told, with how often it came while it waited."""
    return text if times == 1 else f"{text}\n🔁 Fired {times} times"


def merged_news(told: Sequence[str], *, left_out: int) -> str:
    """Several texts as one message, as far as it holds them."""
    fits: list[str] = []
    for text in told:
        if fits and sum(map(len, fits)) + len(text) > _FITS:
            break
        fits.append(text)
    more = left_out + len(told) - len(fits)
    parts = [bold(f"{len(told) + left_out} messages")] if len(told) > 1 else []
    return "\n\n".join([*parts, *fits, *([f"… and {more} more."] if more else [])])


def notifications_screen(wishes: Mapping[str, Any], *, time_zone: str) -> str:
    """What the person is told of, and when it is to be quiet."""
    hours, held = wishes["quiet_hours"], wishes["quiet_mode"] == "hold"
    night = "alerts wait until it is over" if held else "alerts come without a sound"
    return "\n".join(
        [
            bold("Notifications"),
            *(f"{title}: {bold(wishes[key])}" for key, title in KINDS.values()),
            f"Quiet hours: {bold(f'{hours[0]}:00 to {hours[1]}:00' if hours else 'none')}"
            f" ({quote(time_zone)})",
            f"Then {night}; what touches your money is told at once.",
            "",
            "Type others: /notifications quiet 23-6 · /notifications alerts silent",
        ]
    )
