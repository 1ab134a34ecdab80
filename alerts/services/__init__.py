"""Alerts, notifications and system events, and the outbox: what is to be told, and by whom."""

from alerts.services.change_alert import access_alert, delete_alert, pause_alert, resume_alert
from alerts.services.create_alert import create_alert
from alerts.services.evaluate_prices import evaluate_prices
from alerts.services.expire_alerts import expire_alerts
from alerts.services.list_alerts import list_alerts, read_firing
from alerts.services.notifications import (
    NotificationFacts,
    list_notifications,
    mark_notification_read,
    notify_user,
    read_notification,
)
from alerts.services.outbox import (
    OutboxCard,
    claim_cards,
    give_up_card,
    mark_delivered,
    message_of,
    put_off_card,
    queue_messages,
)
from alerts.services.system_events import (
    SystemEventFacts,
    acknowledge_system_event,
    read_system_event,
    record_system_event,
    resolve_system_events,
)
from alerts.services.watch_events import watch_events

__all__ = [
    "NotificationFacts",
    "OutboxCard",
    "SystemEventFacts",
    "access_alert",
    "acknowledge_system_event",
    "claim_cards",
    "create_alert",
    "delete_alert",
    "evaluate_prices",
    "expire_alerts",
    "give_up_card",
    "list_alerts",
    "list_notifications",
    "mark_delivered",
    "mark_notification_read",
    "message_of",
    "notify_user",
    "pause_alert",
    "put_off_card",
    "queue_messages",
    "read_firing",
    "read_notification",
    "read_system_event",
    "record_system_event",
    "resolve_system_events",
    "resume_alert",
    "watch_events",
]
