"""The gates of the venues: written by their checks, read before any risk is taken on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from audit.services import record
from core.roles import as_nobody, as_sync
from trading.models import VenueGate
from trading.venues.base import get_venue

# A node that is down closes nothing at once; a venue that nobody has seen for so long is closed.
GATE_AGE = timedelta(minutes=10)
NEVER_CHECKED = "The desk has not looked at this venue yet."
NOT_CHECKED_LATELY = "The desk could not look at this venue lately."


@dataclass(frozen=True, slots=True)
class VenueGateFacts:
    """`reasons` are sentences to show; a closed gate lets risk be reduced and nothing else."""

    deployment: str
    is_open: bool
    reasons: tuple[str, ...]
    checked_at: datetime | None

    @property
    def reason(self) -> str:
        """The first reason, or "" while the gate is open."""
        return "" if self.is_open else self.reasons[0]


def read_venue_gate(*, deployment: str, now: datetime) -> VenueGateFacts:
    """Whether new risk and new money may go to a venue, and why not.

    Joins the caller's transaction if one is open. A venue of our own books has no gate.
    """
    if not get_venue(deployment).settles_on_chain:
        return VenueGateFacts(deployment, True, (), now)
    with as_nobody():
        row = VenueGate.objects.filter(pk=deployment).first()
    return _facts(deployment, row, now)


def list_venue_gates(*, now: datetime) -> tuple[VenueGateFacts, ...]:
    """The gates of all open deployments, for pages that show them."""
    with as_nobody():
        rows = {row.deployment: row for row in VenueGate.objects.all()}
    return tuple(
        _facts(key, rows.get(key), now)
        for key in settings.VENUES
        if get_venue(key).settles_on_chain
    )


def record_venue_gate(
    *, deployment: str, reasons: Sequence[str] | None, failure: str = "", now: datetime
) -> VenueGateFacts:
    """Write what a look found; `reasons` is None where nobody answered, and then nothing closes.

    An audit row says when a gate opens or closes, or its reasons change.
    """
    with as_sync():
        VenueGate.objects.get_or_create(pk=deployment)
        row = VenueGate.objects.select_for_update().get(pk=deployment)
        before = {"is_open": row.is_open, "reasons": row.reasons}
        row.tried_at, row.failure = now, failure
        if reasons is not None:
            row.checked_at = now
            row.is_open, row.reasons = not reasons, list(reasons)
            after = {"is_open": row.is_open, "reasons": row.reasons}
            if after != before or row.changed_at is None:
                row.changed_at = now
                word = "opened" if row.is_open else "closed"
                resource = ("venue_gate", deployment)
                record(action=f"venue_gate.{word}", resource=resource, old=before, new=after)
        row.save()
    return _facts(deployment, row, now)


def _facts(deployment: str, row: VenueGate | None, now: datetime) -> VenueGateFacts:
    if row is None or row.checked_at is None:
        return VenueGateFacts(deployment, False, (NEVER_CHECKED,), None)
    if row.is_open and now - row.checked_at > GATE_AGE:
        return VenueGateFacts(deployment, False, (NOT_CHECKED_LATELY,), row.checked_at)
    return VenueGateFacts(deployment, row.is_open, tuple(row.reasons), row.checked_at)
