"""Alerts: kept, held against prices, told; and the outbox: what is to be told, and by whom."""

from alerts.services.change_alert import access_alert, delete_alert, pause_alert, resume_alert
from alerts.services.create_alert import create_alert
from alerts.services.evaluate_prices import evaluate_prices
from alerts.services.expire_alerts import expire_alerts
from alerts.services.list_alerts import list_alerts, read_firing
from alerts.services.outbox import (
    OutboxCard,
    claim_cards,
    give_up_card,
    mark_delivered,
    message_of,
    put_off_card,
    queue_messages,
)

__all__ = [
    "OutboxCard",
    "access_alert",
    "claim_cards",
    "create_alert",
    "delete_alert",
    "evaluate_prices",
    "expire_alerts",
    "give_up_card",
    "list_alerts",
    "mark_delivered",
    "message_of",
    "pause_alert",
    "put_off_card",
    "queue_messages",
    "read_firing",
    "resume_alert",
]
