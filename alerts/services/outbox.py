"""Messages wait as rows of the change's own transaction; a sender holds them by a lease."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from alerts.enums import LANES, NotificationType, OutboxState
from alerts.models import OutboxMessage
from core import metrics
from core.bulk import insert_rows
from core.roles import as_sync

LEASE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(seconds=60)

# Several waiting rows of one card are taken together and become one edit. Rows that another
# sender has locked are passed over; those of a dead one come back when its lease is over.
_CLAIM = """
WITH due AS (
  SELECT id FROM outbox_messages
  WHERE state = 'waiting' AND leased_until <= %(now)s
  ORDER BY leased_until LIMIT %(limit)s
  FOR UPDATE SKIP LOCKED
)
UPDATE outbox_messages AS m
SET holder = %(holder)s, leased_until = %(until)s, attempts = m.attempts + 1
FROM due WHERE m.id = due.id
RETURNING m.id, m.user_id, m.card, m.subject_type, m.subject_id, m.created_at, m.attempts,
          coalesce(m.chat_id, (SELECT u.telegram_id FROM users u WHERE u.id = m.user_id))
"""


@dataclass(frozen=True, slots=True)
class OutboxCard:
    """One card to be brought up to date, and the rows that ask for it."""

    card: str
    # None where the chat is no person's.
    user_id: uuid.UUID | None
    telegram_id: int | None
    subject_type: str
    subject_id: uuid.UUID
    message_ids: tuple[uuid.UUID, ...]
    since: datetime
    attempts: int
    holder: uuid.UUID


def message_of(
    *,
    user_id: uuid.UUID | None,
    subject_type: str,
    subject_id: uuid.UUID,
    due_at: datetime,
    kind: NotificationType = NotificationType.TRADE,
    chat_id: int | None = None,
) -> OutboxMessage:
    """What has the subject's card brought up to date at `due_at`; not written yet.

    `kind` says how urgent it is and which of the person's settings says how loud; `chat_id` names
    a chat that is not the person's own.
    """
    return OutboxMessage(
        user_id=user_id,
        chat_id=chat_id,
        lane=LANES[kind],
        kind=kind,
        card=f"{subject_type}:{subject_id}",
        subject_type=subject_type,
        subject_id=subject_id,
        leased_until=due_at,
        created_at=due_at,
    )


def queue_messages(messages: Sequence[OutboxMessage]) -> None:
    """In the caller's transaction: into the outbox with them, by one statement."""
    insert_rows(messages)


def claim_cards(*, now: datetime, limit: int = 100) -> list[OutboxCard]:
    """Take what is due under a new lease, one entry a card, the longest waiting first."""
    holder = uuid.uuid4()
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "limit": limit, "holder": holder, "until": now + LEASE})
        rows = cursor.fetchall()
    cards: dict[tuple[uuid.UUID | None, str], OutboxCard] = {}
    for message_id, user_id, card, subject_type, subject_id, created_at, attempts, person in rows:
        known = cards.get((user_id, card))
        cards[user_id, card] = OutboxCard(
            card=card,
            user_id=user_id,
            telegram_id=person,
            subject_type=subject_type,
            subject_id=subject_id,
            message_ids=(*(known.message_ids if known else ()), message_id),
            since=min(created_at, known.since) if known else created_at,
            attempts=max(attempts, known.attempts) if known else attempts,
            holder=holder,
        )
    return sorted(cards.values(), key=lambda card: card.since)


def mark_delivered(*, cards: Sequence[OutboxCard], now: datetime) -> None:
    """Telegram shows these cards as they stand."""
    ids = [message_id for card in cards for message_id in card.message_ids]
    with as_sync():
        OutboxMessage.objects.filter(pk__in=ids, state=OutboxState.WAITING).update(
            state=OutboxState.DELIVERED, delivered_at=now, holder=None, error=""
        )
    for card in cards:
        age = max(0.0, (now - card.since).total_seconds())
        metrics.count_outbox(outcome="delivered", age_seconds=age)


def put_off_card(
    *, card: OutboxCard, now: datetime, error: str, after: timedelta | None = None
) -> None:
    """Not now: again after Telegram's own time, or after a pause that grows with each attempt."""
    pause = after or min(timedelta(seconds=2 ** min(card.attempts, 6)), _LONGEST_PAUSE)
    with as_sync():
        OutboxMessage.objects.filter(pk__in=card.message_ids, holder=card.holder).update(
            leased_until=now + pause, holder=None, error=error[:500]
        )
    metrics.count_outbox(outcome="retry")


def give_up_card(*, card: OutboxCard, error: str) -> None:
    """It can never be shown: the person has blocked the bot, or has no chat with it."""
    with as_sync():
        OutboxMessage.objects.filter(pk__in=card.message_ids, state=OutboxState.WAITING).update(
            state=OutboxState.UNDELIVERABLE, holder=None, error=error[:500]
        )
    metrics.count_outbox(outcome="undeliverable")
