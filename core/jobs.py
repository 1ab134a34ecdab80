"""Scheduled jobs: each runs under a lease of its own, so that it never overlaps itself."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F
from django.db.models.functions import Now

from core import metrics
from core.logs import get_logger
from core.models import Job
from core.redaction import clean, clean_text
from core.roles import as_sync

log = get_logger("desk.jobs")

# One statement both makes a job's row and takes its lease; the loser of two waits for the winner's
# commit and then finds the lease taken. Only the database's clock counts: machines may disagree.
_TAKE = """
INSERT INTO jobs AS job (name, holder, leased_until, started_at, lag_seconds, runs, failures,
                         last_error, last_result)
VALUES (%(name)s, %(holder)s, clock_timestamp() + %(lease)s, clock_timestamp(), 0, 1, 0, '', '{}')
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, leased_until = excluded.leased_until,
    lag_seconds = greatest(
      0, extract(epoch FROM clock_timestamp() - coalesce(job.started_at, clock_timestamp()))
         - %(every)s),
    started_at = excluded.started_at, runs = job.runs + 1
WHERE job.leased_until IS NULL OR job.leased_until <= clock_timestamp()
RETURNING lag_seconds
"""


def run_job(*, name: str, work: Callable[[], object], lease_seconds: int) -> bool:
    """Run `work` as the job `name`, unless it is running anywhere; return whether it ran.

    The lease is taken and given back in transactions of their own, and extended while the work
    goes on; that of a dead process runs out after `lease_seconds`. The row in `jobs` keeps how
    late the job began (against its seconds in settings.JOBS), what `work` returned, or how it
    failed; what it raises goes on to the caller.
    """
    holder = uuid.uuid4()
    lag = _take(name, holder, lease_seconds)
    if lag is None:
        log.debug("job is held elsewhere", job=name)
        return False
    began = time.monotonic()
    outcome, ending = "failed", dict[str, Any]()
    try:
        with _extended(name, holder, lease_seconds):
            result = work()
        outcome, ending = "ok", {"last_error": "", "last_result": _readable(result)}
    except BaseException as error:
        said = clean_text(f"{type(error).__name__}: {error}")[:1000]
        ending = {"last_error": said, "failures": F("failures") + 1}
        raise
    finally:
        metrics.record_job(
            job=name,
            outcome=outcome,
            seconds=time.monotonic() - began,
            lag_seconds=float(lag),
        )
        if not _give_back(name, holder, ending):
            log.error("job outlived its lease", job=name)
    return True


def _take(name: str, holder: uuid.UUID, lease_seconds: int) -> Decimal | None:
    _, every = settings.JOBS.get(name, ("", 0))
    lease = timedelta(seconds=lease_seconds)
    with as_sync(), connection.cursor() as cursor:
        values: dict[str, Any] = {"name": name, "holder": holder, "lease": lease, "every": every}
        cursor.execute(_TAKE, values)
        taken = cursor.fetchone()
    return None if taken is None else taken[0]


def _give_back(name: str, holder: uuid.UUID, ending: Mapping[str, Any]) -> bool:
    with as_sync():
        held = Job.objects.filter(name=name, holder=holder)
        return bool(held.update(holder=None, leased_until=None, finished_at=Now(), **ending))


@contextmanager
def _extended(name: str, holder: uuid.UUID, lease_seconds: int) -> Iterator[None]:
    """Keep the lease while the block runs, however long; a dead process cannot."""
    done = threading.Event()

    def extend() -> None:
        while not done.wait(lease_seconds / 3):
            try:
                with as_sync():
                    Job.objects.filter(name=name, holder=holder).update(
                        leased_until=Now() + timedelta(seconds=lease_seconds)
                    )
            except DatabaseError as error:
                # The next round tries again; there are two before the lease runs out.
                log.warning("lease not extended", job=name, error=type(error).__name__)
            finally:
                connection.close()

    thread = threading.Thread(target=extend, name=f"lease of {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _readable(result: object) -> dict[str, Any]:
    if result is None:
        return {}
    readable: dict[str, Any] = clean(result if isinstance(result, Mapping) else {"result": result})
    return readable
