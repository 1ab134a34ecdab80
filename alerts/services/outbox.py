"""Messages wait as rows of the change's own transaction; a sender holds them by a lease."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from alerts.enums import LANES, Lane, NotificationType, OutboxState
from alerts.models import OutboxMessage
from core import metrics
from core.bulk import insert_rows
from core.roles import as_sync

LEASE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(seconds=60)

# A person who was told of a kind of alert is told of more of it after so long, in one message.
SPACING = timedelta(seconds=20)
# Of those that may go in one round, how many each lane has: money first, and none is starved.
_SHARES = {Lane.MONEY: 24, Lane.ALERT: 9, Lane.DIGEST: 3}
_ORDER = {lane: place for place, lane in enumerate(_SHARES)}
_MOST_OF_ONE_KIND = 500
_ONE_CLAIM_AT_A_TIME = 7_301_545

# Several waiting rows of one card are taken together and become one edit; of alerts and digests,
# all that wait for a person of one kind become one message. What a sender holds no other takes a
# part of; what a dead one held comes back when its lease is over.
_CLAIM = """
WITH held AS MATERIALIZED (
  SELECT card, user_id, kind, lane FROM outbox_messages
  WHERE state = 'waiting' AND holder IS NOT NULL AND leased_until > %(now)s
), free AS (
  (SELECT m.id, m.card, m.user_id, m.kind, m.lane FROM outbox_messages m
   WHERE m.state = 'waiting' AND m.lane = 'money' AND m.leased_until <= %(now)s
     AND NOT EXISTS (SELECT FROM held h WHERE h.card = m.card)
   ORDER BY m.leased_until LIMIT %(money)s)
  UNION ALL
  (SELECT m.id, m.card, m.user_id, m.kind, m.lane FROM outbox_messages m
   WHERE m.state = 'waiting' AND m.lane = 'alert' AND m.leased_until <= %(now)s
     AND NOT EXISTS (SELECT FROM held h WHERE h.user_id = m.user_id AND h.kind = m.kind)
     AND NOT EXISTS (
       SELECT FROM outbox_messages told WHERE told.state = 'delivered' AND told.lane <> 'money'
         AND told.user_id = m.user_id AND told.kind = m.kind AND told.delivered_at > %(spaced)s)
   ORDER BY m.leased_until LIMIT %(alert)s)
  UNION ALL
  (SELECT m.id, m.card, m.user_id, m.kind, m.lane FROM outbox_messages m
   WHERE m.state = 'waiting' AND m.lane = 'digest' AND m.leased_until <= %(now)s
     AND NOT EXISTS (SELECT FROM held h WHERE h.user_id = m.user_id AND h.kind = m.kind)
   ORDER BY m.leased_until LIMIT %(digest)s)
), due AS (
  SELECT id FROM free WHERE lane = 'money'
  UNION
  (SELECT m.id FROM outbox_messages m
   WHERE m.state = 'waiting' AND m.lane <> 'money' AND m.created_at <= %(now)s
     AND (m.user_id, m.kind) IN (SELECT user_id, kind FROM free WHERE lane <> 'money')
   ORDER BY m.created_at LIMIT %(most)s)
)
UPDATE outbox_messages AS m
SET holder = %(holder)s, leased_until = %(until)s, attempts = m.attempts + 1
FROM due WHERE m.id = due.id AND m.state = 'waiting'
RETURNING m.id, m.user_id, m.card, m.subject_type, m.subject_id, m.created_at, m.attempts,
          coalesce(m.chat_id, (SELECT u.telegram_id FROM users u WHERE u.id = m.user_id)),
          m.lane, m.kind
"""


@dataclass(frozen=True, slots=True)
class OutboxCard:
    """One card to be brought up to date, or one message to be sent, and the rows that ask for it.

    `subjects` are what the message is about, each with how many rows ask for it, the oldest first.
    """

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
    lane: Lane
    kind: NotificationType
    subjects: tuple[tuple[str, uuid.UUID, int], ...] = ()


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


def claim_cards(*, now: datetime) -> list[OutboxCard]:
    """Take what is due under a new lease, one entry a card or message, money first.

    One sender claims at a time, so that no two hold parts of one card.
    """
    holder = uuid.uuid4()
    values: dict[str, Any] = {
        "now": now, "holder": holder, "until": now + LEASE, "spaced": now - SPACING,
        "most": _MOST_OF_ONE_KIND, **{lane.value: share for lane, share in _SHARES.items()},
    }  # fmt: skip
    with as_sync(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_CLAIM_AT_A_TIME])
        cursor.execute(_CLAIM, values)
        rows = [_Row(*row) for row in cursor.fetchall()]
    together: dict[Any, list[_Row]] = {}
    for row in rows:
        whole = row.card if row.lane == Lane.MONEY else row.kind
        together.setdefault((row.user_id, whole), []).append(row)
    cards = [_card(sorted(group, key=_age), holder) for group in together.values()]
    return sorted(cards, key=lambda card: (_ORDER[card.lane], card.since))


class _Row(NamedTuple):
    id: uuid.UUID
    user_id: uuid.UUID | None
    card: str
    subject_type: str
    subject_id: uuid.UUID
    created_at: datetime
    attempts: int
    telegram_id: int | None
    lane: str
    kind: str


def _age(row: _Row) -> datetime:
    return row.created_at


def _card(rows: list[_Row], holder: uuid.UUID) -> OutboxCard:
    first = rows[0]
    subjects = Counter((row.subject_type, row.subject_id) for row in rows)
    return OutboxCard(
        card=first.card,
        user_id=first.user_id,
        telegram_id=first.telegram_id,
        subject_type=first.subject_type,
        subject_id=first.subject_id,
        message_ids=tuple(row.id for row in rows),
        since=first.created_at,
        attempts=max(row.attempts for row in rows),
        holder=holder,
        lane=Lane(first.lane),
        kind=NotificationType(first.kind),
        subjects=tuple((*subject, times) for subject, times in subjects.items()),
    )


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
