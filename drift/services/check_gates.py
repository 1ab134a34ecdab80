"""Look at every live deployment, and write down whether it still is what this release knows."""

from datetime import datetime
from typing import Any

import structlog
from django.conf import settings

from core.errors import Unavailable
from drift.gate import check_deployment
from drift.layouts.deployments import DEPLOYMENTS
from trading.services.venue_gates import record_venue_gate

log = structlog.get_logger(__name__)


def check_gates(*, now: datetime) -> dict[str, Any]:
    """Check the open deployments, one after the other; where no node answers, nothing changes.

    Reads the network outside of any transaction. Returns each deployment's outcome.
    """
    outcome: dict[str, Any] = {}
    for deployment in settings.VENUES:
        if deployment not in DEPLOYMENTS:
            continue
        try:
            reasons = check_deployment(deployment).reasons
        except Unavailable as error:
            log.warning("gate_not_checked", deployment=deployment, reason=error.code)
            record_venue_gate(deployment=deployment, reasons=None, failure=error.code, now=now)
            outcome[deployment] = error.code
            continue
        facts = record_venue_gate(deployment=deployment, reasons=reasons, now=now)
        if not facts.is_open:
            log.error("gate_closed", deployment=deployment, reasons=facts.reasons)
        outcome[deployment] = "open" if facts.is_open else list(facts.reasons)
    return outcome
