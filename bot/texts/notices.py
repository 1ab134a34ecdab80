"""What the chats say of events of the desk, and of what a person is told in words of its own."""

from alerts.services import NotificationFacts, SystemEventFacts
from bot.markup import bold, quote
from bot.texts import figures

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
