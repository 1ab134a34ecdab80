"""Pause, resume and delete an alert."""

import uuid
from datetime import datetime

from alerts.enums import ALERT_MOVES, AlertStatus, ConditionType
from alerts.models import Alert
from alerts.transitions import first_watch
from audit.services import advance, record
from core.errors import Conflict, NotFound
from core.roles import as_user


def pause_alert(*, user_id: uuid.UUID, alert_id: uuid.UUID, now: datetime) -> None:
    """It tells nothing until it is resumed; pausing again changes nothing.

    Raises NotFound (another's too), Conflict for one that has ended.
    """
    with as_user(user_id):
        alert = access_alert(user_id=user_id, alert_id=alert_id)
        if not Alert.objects.filter(
            pk=alert_id, status=AlertStatus.ACTIVE, paused_at__isnull=True
        ).update(paused_at=now):
            _refuse_ended(alert)
            return
        record(
            action="alert.paused",
            resource=alert,
            old={"paused_at": None},
            new={"paused_at": now},
            user_id=user_id,
        )


def resume_alert(*, user_id: uuid.UUID, alert_id: uuid.UUID) -> None:
    """It tells again, at once if its condition is true now; resuming again changes nothing.

    One that waits for a price to be met forgets from which side it was to come: where the price
    went meanwhile was not looked at. Raises NotFound (another's too), Conflict for an ended one.
    """
    with as_user(user_id):
        alert = access_alert(user_id=user_id, alert_id=alert_id)
        changes = {"paused_at": None} | _watch_after_pause(alert)
        if not Alert.objects.filter(
            pk=alert_id, status=AlertStatus.ACTIVE, paused_at__isnull=False
        ).update(**changes):
            _refuse_ended(alert)
            return
        record(
            action="alert.resumed",
            resource=alert,
            old={"paused_at": alert.paused_at},
            new={"paused_at": None},
            user_id=user_id,
        )


def delete_alert(*, user_id: uuid.UUID, alert_id: uuid.UUID) -> None:
    """It tells nothing any more; deleting what has ended changes nothing. Raises NotFound."""
    with as_user(user_id):
        alert = access_alert(user_id=user_id, alert_id=alert_id)
        advance(alert, to=AlertStatus.CANCELLED, moves=ALERT_MOVES)


def access_alert(*, user_id: uuid.UUID, alert_id: uuid.UUID) -> Alert:
    """The person's own alert, locked in the caller's transaction. Raises NotFound."""
    rows = Alert.objects.select_for_update(no_key=True)
    alert = rows.filter(pk=alert_id, user_id=user_id).first()
    if alert is None:
        raise NotFound("alert.not_found")
    return alert


def _watch_after_pause(alert: Alert) -> dict[str, object]:
    if alert.condition_type != ConditionType.EQUALS or alert.target_price is None:
        return {}
    armed, rises_to, falls_to = first_watch(
        condition=alert.condition_type,
        target=alert.target_price,
        band=alert.band or alert.target_price * 0,
        value=None,
    )
    return {"armed": armed, "rises_to": rises_to, "falls_to": falls_to}


def _refuse_ended(alert: Alert) -> None:
    if alert.status != AlertStatus.ACTIVE:
        raise Conflict("alert.ended", status=alert.status)
