"""When a person wants quiet, on the clock of where they are."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(*, now: datetime, hours: Sequence[int] | None, time_zone: str) -> datetime | None:
    """When the quiet that they are in ends; None while there is none.

    `hours` are the first quiet hour and the first loud one, such as 22 and 7. On a day whose clock
    skips the end, it ends when the clock is past it; where the end comes twice, at the first time.
    """
    if hours is None:
        return None
    begins, ends = hours
    here = now.astimezone(ZoneInfo(time_zone))
    if begins < ends:
        is_quiet = begins <= here.hour < ends
    else:
        is_quiet = here.hour >= begins or here.hour < ends
    if not is_quiet:
        return None
    days = 0 if here.hour < ends else 1
    end = datetime.combine(here.date() + timedelta(days=days), time(ends), here.tzinfo)
    # By the sum of absolute times: an hour that comes twice is quiet twice.
    return max(end.astimezone(now.tzinfo), now)
