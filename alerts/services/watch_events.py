"""What no act tells of: outcomes that stay unknown."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from alerts.enums import Severity
from alerts.services.system_events import record_system_event, resolve_system_events
from chain.enums import IN_FLIGHT
from core.roles import as_sync

UNKNOWN = "unknown_outcomes"
# The chain shows by then what became of a message; what it does not show is for a person.
_SILENT = timedelta(minutes=3)
# Written as the partial index `submissions_open` has it, so that it is used.
_OVERDUE = """
SELECT count(*), min(created_at) FROM submissions
WHERE NOT (state IN ('finalized', 'failed', 'expired', 'abandoned'))
  AND state = ANY(%s) AND greatest(created_at, deadline) < %s
"""


def watch_events(*, now: datetime) -> dict[str, Any]:
    """Raise one event for all outcomes unknown past their deadline, and end it with them."""
    with as_sync(), connection.cursor() as cursor:
        cursor.execute(_OVERDUE, [sorted(IN_FLIGHT), now - _SILENT])
        count, oldest = cursor.fetchone() or (0, None)
    if count:
        record_system_event(
            event_type=UNKNOWN, severity=Severity.CRITICAL, source="chain",
            message=f"Messages whose outcome is unknown past their deadline: {count}.",
            details={"count": count, "oldest": str(oldest)}, now=now,
        )  # fmt: skip
    else:
        resolve_system_events(event_type=UNKNOWN, now=now)
    return {"unknown": count}
