"""The outbox: what is to be told, claimed by a sender, and marked when it is told."""

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
    "claim_cards",
    "give_up_card",
    "mark_delivered",
    "message_of",
    "put_off_card",
    "queue_messages",
]
