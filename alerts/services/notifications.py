"""What a person is told in words of its own, kept with its read state."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from alerts.enums import Importance, NotificationStatus, NotificationType
from alerts.models import UserNotification
from alerts.services.outbox import message_of, queue_messages
from core.errors import NotFound
from core.roles import acting, as_sync, as_user

SUBJECT_TYPE = "notification"


@dataclass(frozen=True, slots=True)
class NotificationFacts:
    """A notification as its person sees it."""

    id: uuid.UUID
    notification_type: str
    title: str
    message: str
    importance: str
    created_at: datetime
    read_at: datetime | None


def notify_user(
    *,
    user_id: uuid.UUID,
    notification_type: NotificationType,
    title: str,
    message: str,
    now: datetime,
    importance: Importance = Importance.NORMAL,
    event_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Write it down and have it told, in the caller's transaction or in one of the desk's own.

    How loud it is told follows from the person's settings for its type.
    """
    if acting() is not None:
        return _notify(user_id, notification_type, title, message, now, importance, event_id)
    with as_sync():
        return _notify(user_id, notification_type, title, message, now, importance, event_id)


def _notify(
    user_id: uuid.UUID,
    notification_type: NotificationType,
    title: str,
    message: str,
    now: datetime,
    importance: Importance,
    event_id: uuid.UUID | None,
) -> uuid.UUID:
    row = UserNotification(
        user_id=user_id, notification_type=notification_type, title=title[:200],
        message=message[:2000], importance=importance, event_id=event_id, created_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    told = message_of(
        user_id=user_id, subject_type=SUBJECT_TYPE, subject_id=row.pk, due_at=now,
        kind=notification_type,
    )  # fmt: skip
    queue_messages([told])
    key: uuid.UUID = row.pk
    return key


def mark_notification_read(
    *, user_id: uuid.UUID, notification_id: uuid.UUID, now: datetime
) -> NotificationFacts:
    """They have read it; again changes nothing. Raises NotFound."""
    with as_user(user_id):
        rows = UserNotification.objects.filter(pk=notification_id, user_id=user_id)
        rows.filter(read_at__isnull=True).update(read_at=now, status=NotificationStatus.READ)
    return read_notification(user_id=user_id, notification_id=notification_id)


def read_notification(*, user_id: uuid.UUID, notification_id: uuid.UUID) -> NotificationFacts:
    """One of the person's notifications. Raises NotFound."""
    with as_user(user_id, looks=True):
        row = UserNotification.objects.filter(pk=notification_id, user_id=user_id).first()
    if row is None:
        raise NotFound("notification.not_found")
    return _facts(row)


def list_notifications(
    *, user_id: uuid.UUID, unread_only: bool = False, limit: int = 20
) -> list[NotificationFacts]:
    """The person's notifications, the newest first."""
    with as_user(user_id, looks=True):
        rows = UserNotification.objects.filter(user_id=user_id)
        if unread_only:
            rows = rows.filter(read_at__isnull=True)
        return [_facts(row) for row in rows.order_by("-id")[:limit]]


def _facts(row: UserNotification) -> NotificationFacts:
    return NotificationFacts(
        id=row.pk,
        notification_type=row.notification_type,
        title=row.title,
        message=row.message,
        importance=row.importance,
        created_at=row.created_at,
        read_at=row.read_at,
    )
