"""Notice that the database is older than the world, and sign nothing until it is reconciled."""

import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from django.db import connection
from django.db.models import DateTimeField, Func

from audit.services import record
from chain.models import DeskEpoch
from chain.rpc import rpc
from chain.witnesses import read_witnesses, tell_witnesses
from core.errors import Unavailable
from core.roles import as_sync

log = structlog.get_logger(__name__)
RESTORED = "restored"
FAILED_OVER = "failed over"
# How long a process trusts its own last look; a worker signs nothing before its first.
_TRUSTED_SECONDS = 10.0
_CLUSTER = """
SELECT (SELECT system_identifier::text FROM pg_control_system()),
       (SELECT timeline_id FROM pg_control_checkpoint())
"""
_lock = threading.Lock()
_looked_at = float("-inf")


@dataclass(frozen=True, slots=True)
class EpochFacts:
    """`halted_reason` is "" while the desk may sign."""

    number: int
    halted_at: datetime | None
    halted_reason: str
    halted_height: int | None
    finalized_slot: int | None
    newly_halted: bool = False
    # The database's clock at the look, where read_epoch has asked for it.
    server_time: datetime | None = None

    @property
    def is_halted(self) -> bool:
        return self.halted_at is not None


def watch_epoch(*, now: datetime, ask_chain: bool = True) -> EpochFacts:
    """Move the database's number on and compare it with what the world has seen of it.

    A witness that knows a larger number, another server or another timeline halt the desk: it was
    restored from a copy, or failed over to a replica that may lack the last commits. With
    `ask_chain` the slot up to which all is known is noted too. Reads the network outside of the
    transaction.
    """
    slot, height = _chain_now() if ask_chain else (None, None)
    with as_sync():
        epoch = _row()
    # Before the row is locked: what a witness knows by now, the database has committed.
    witnessed = read_witnesses(epoch.desk_id)
    with as_sync():
        epoch = DeskEpoch.objects.select_for_update().get(pk=1)
        reason = _why_halted(epoch, witnessed)
        newly = bool(reason) and epoch.halted_at is None
        epoch.number = max(epoch.number, witnessed) + 1
        epoch.marked_at = now
        if newly:
            _halt(epoch, reason, now)
        if epoch.halted_at is None and slot is not None:
            epoch.finalized_slot = slot
        elif epoch.halted_at is not None and epoch.halted_height is None:
            epoch.halted_height = height
        epoch.save()
        _commit_durably()
    tell_witnesses(epoch.desk_id, epoch.number)
    _note_look()
    return _facts(epoch, newly=newly)


def halt_desk(*, reason: str, now: datetime) -> EpochFacts:
    """Stop all signing on purpose, until a reconciliation lifts it; harmless to repeat."""
    _, height = _chain_now()
    with as_sync():
        _row()
        epoch = DeskEpoch.objects.select_for_update().get(pk=1)
        newly = epoch.halted_at is None
        if newly:
            _halt(epoch, reason, now)
            epoch.halted_height = height
            epoch.save()
    return _facts(epoch, newly=newly)


def lift_halt(*, now: datetime) -> None:
    """Let the desk sign again; for the reconciliation alone, when all of it is done."""
    with as_sync():
        epoch = DeskEpoch.objects.select_for_update().get(pk=1)
        before = {"halted_at": str(epoch.halted_at), "reason": epoch.halted_reason}
        epoch.halted_at, epoch.halted_reason, epoch.halted_height = None, "", None
        epoch.marked_at = now
        epoch.save()
        record(action="desk.resumed", resource=("desk", epoch.desk_id), old=before)


def read_epoch() -> EpochFacts:
    """Whether the desk is halted, as the database says now; joins the open transaction, if any."""
    clock = Func(function="clock_timestamp", output_field=DateTimeField())
    epoch = DeskEpoch.objects.filter(pk=1).annotate(server_time=clock).first()
    if epoch is None:
        return _facts(DeskEpoch(), newly=False)
    return replace(_facts(epoch, newly=False), server_time=epoch.server_time)


def require_epoch(*, now: datetime) -> None:
    """Before something is signed: raises Unavailable while the desk is halted.

    A process that has not looked lately looks first, so that none signs on a restored database.
    """
    if time.monotonic() - _looked_at < _TRUSTED_SECONDS:
        return
    if watch_epoch(now=now, ask_chain=False).is_halted:
        raise Unavailable("desk.not_reconciled")


def forget_look() -> None:
    """Look again before the next signing, as a process that has just begun."""
    global _looked_at
    with _lock:
        _looked_at = float("-inf")


def _note_look() -> None:
    global _looked_at
    with _lock:
        _looked_at = time.monotonic()


def _why_halted(epoch: DeskEpoch, witnessed: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_CLUSTER)
        system, timeline = cursor.fetchone() or ("", None)
    known = (epoch.system_identifier, epoch.timeline)
    epoch.system_identifier, epoch.timeline = system, timeline
    if witnessed > epoch.number:
        return RESTORED
    if known[0] not in ("", system):
        return RESTORED
    if known[1] not in (None, timeline):
        return FAILED_OVER
    return ""


def _halt(epoch: DeskEpoch, reason: str, now: datetime) -> None:
    epoch.halted_at, epoch.halted_reason, epoch.halted_height = now, reason, None
    record(action="desk.halted", resource=("desk", epoch.desk_id), new={"reason": reason})
    log.error("desk_halted", reason=reason, number=epoch.number)


def _row() -> DeskEpoch:
    return DeskEpoch.objects.get_or_create(pk=1)[0]


def _chain_now() -> tuple[int | None, int | None]:
    try:
        # The height is for what may have been signed a moment ago: the newest, not the final one.
        return rpc().slot("finalized"), rpc().block_height("processed")
    except Unavailable as error:
        log.warning("epoch_without_chain", reason=error.code)
        return None, None


def _commit_durably() -> None:
    # A witness must never know what a crash of the server could take back.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO on")


def _facts(epoch: DeskEpoch, *, newly: bool) -> EpochFacts:
    return EpochFacts(
        number=epoch.number,
        halted_at=epoch.halted_at,
        halted_reason=epoch.halted_reason,
        halted_height=epoch.halted_height,
        finalized_slot=epoch.finalized_slot,
        newly_halted=newly,
    )
