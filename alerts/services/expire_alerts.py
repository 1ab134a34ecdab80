"""End the alerts whose time is over."""

from datetime import datetime

from django.db import connection

from alerts.enums import AlertStatus
from alerts.models import Alert
from audit.services import record_many
from core.roles import as_sync

_AT_ONCE = 1000
_EXPIRE = """
UPDATE alerts SET status = 'expired' WHERE id = ANY (ARRAY(
  SELECT id FROM alerts WHERE status = 'active' AND expires_at <= %(now)s
  ORDER BY expires_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)) AND status = 'active' RETURNING id, user_id
"""


def expire_alerts(*, now: datetime) -> int:
    """Mark what has expired, some at a time; none of it fires meanwhile. Returns how many."""
    ended, found = 0, _AT_ONCE
    while found == _AT_ONCE:
        with as_sync():
            with connection.cursor() as cursor:
                cursor.execute(_EXPIRE, {"now": now, "limit": _AT_ONCE})
                rows = cursor.fetchall()
            record_many(
                action="alert.expired",
                resources=[
                    (
                        Alert(id=alert_id, user_id=user_id),
                        {"status": AlertStatus.ACTIVE},
                        {"status": AlertStatus.EXPIRED},
                    )
                    for alert_id, user_id in rows
                ],
            )
        found = len(rows)
        ended += found
    return ended
