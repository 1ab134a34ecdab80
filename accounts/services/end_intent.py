"""Close an intent when evidence has told what became of it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from accounts.enums import INTENT_MOVES, INTENT_TAKEN_BACK, IntentStatus
from accounts.models import Intent
from audit.services import advance, record, recorded_at_once
from core.bulk import write_rows


class IntentEnd(NamedTuple):
    """What evidence told of one intent."""

    intent_id: uuid.UUID
    executed: bool
    at: datetime


def end_intent(*, intent_id: uuid.UUID, executed: bool, now: datetime) -> None:
    """In the caller's transaction; the first end stays, but a late fill turns it to executed."""
    to = IntentStatus.EXECUTED if executed else IntentStatus.NOT_EXECUTED
    intent = Intent.objects.filter(pk=intent_id).first()
    if intent is not None:
        advance(intent, to=to, moves=INTENT_MOVES, ended_at=now)


def end_intents(ends: Sequence[IntentEnd]) -> None:
    """`end_intent` of many, in their order, by one UPDATE; the intents are locked for it."""
    if not ends:
        return
    rows = Intent.objects.filter(pk__in={each.intent_id for each in ends}).order_by("pk")
    known = {intent.pk: intent for intent in rows.select_for_update(no_key=True)}
    moved: dict[uuid.UUID, Intent] = {}
    with recorded_at_once():
        for each in ends:
            intent = known.get(each.intent_id)
            to = IntentStatus.EXECUTED if each.executed else IntentStatus.NOT_EXECUTED
            if intent is None or to not in INTENT_MOVES[intent.status]:
                continue
            before = {"status": intent.status, "ended_at": intent.ended_at}
            intent.status, intent.ended_at = to, each.at
            record(
                action=f"intent.{to}",
                resource=intent,
                old=before,
                new={"status": to, "ended_at": each.at},
                user_id=intent.user_id,
            )
            moved[intent.pk] = intent
    write_rows(list(moved.values()), ("status", "ended_at"))


def take_back_intent(*, intent_id: uuid.UUID, is_open: bool, now: datetime) -> None:
    """In the caller's transaction: what counted as ended is on its way again, or never was done."""
    intent = Intent.objects.filter(pk=intent_id).first()
    if intent is not None:
        to = IntentStatus.OPEN if is_open else IntentStatus.NOT_EXECUTED
        ended_at = None if is_open else now
        advance(intent, to=to, moves=INTENT_TAKEN_BACK, ended_at=ended_at)
