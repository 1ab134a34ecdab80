"""Close an intent when evidence has told what became of it."""

import uuid
from datetime import datetime

from accounts.enums import IntentStatus
from accounts.models import Intent


def end_intent(*, intent_id: uuid.UUID, executed: bool, now: datetime) -> None:
    """In the caller's transaction; the first end stays, but a late fill turns it to executed."""
    to = IntentStatus.EXECUTED if executed else IntentStatus.NOT_EXECUTED
    before = [IntentStatus.OPEN, IntentStatus.NOT_EXECUTED] if executed else [IntentStatus.OPEN]
    Intent.objects.filter(pk=intent_id, status__in=before).update(status=to, ended_at=now)
