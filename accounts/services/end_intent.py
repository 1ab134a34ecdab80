"""Close an intent when evidence has told what became of it."""

import uuid
from datetime import datetime

from accounts.enums import INTENT_MOVES, INTENT_TAKEN_BACK, IntentStatus
from accounts.models import Intent
from audit.services import advance


def end_intent(*, intent_id: uuid.UUID, executed: bool, now: datetime) -> None:
    """In the caller's transaction; the first end stays, but a late fill turns it to executed."""
    to = IntentStatus.EXECUTED if executed else IntentStatus.NOT_EXECUTED
    intent = Intent.objects.filter(pk=intent_id).first()
    if intent is not None:
        advance(intent, to=to, moves=INTENT_MOVES, ended_at=now)


def take_back_intent(*, intent_id: uuid.UUID, is_open: bool, now: datetime) -> None:
    """In the caller's transaction: what counted as ended is on its way again, or never was done."""
    intent = Intent.objects.filter(pk=intent_id).first()
    if intent is not None:
        to = IntentStatus.OPEN if is_open else IntentStatus.NOT_EXECUTED
        ended_at = None if is_open else now
        advance(intent, to=to, moves=INTENT_TAKEN_BACK, ended_at=ended_at)
