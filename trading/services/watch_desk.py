"""Halt trading, for people to see, when the database was found to be older than the world."""

from datetime import datetime
from typing import Any

from accounts.enums import TradingState
from chain.services import EpochFacts, halt_desk, lift_halt, watch_epoch
from core.roles import as_sync
from trading.enums import StateScope
from trading.models import TradingStateRow


def watch_desk(*, now: datetime) -> dict[str, Any]:
    """Mark the epoch; where that halts the desk, persist it as the desk's trading state too."""
    epoch = watch_epoch(now=now)
    if epoch.is_halted:
        _show_halt(epoch, now)
    return {"number": epoch.number, "halted": epoch.halted_reason}


def halt_trading(*, reason: str, now: datetime) -> EpochFacts:
    """Stop signing and trading on purpose, as before a fail-over; lifted by the reconciliation."""
    epoch = halt_desk(reason=reason, now=now)
    _show_halt(epoch, now)
    return epoch


def resume_trading(*, now: datetime) -> None:
    """Lift the halt, and the trading state that showed it; any other halt of staff's stays."""
    with as_sync():
        lift_halt(now=now)
        for row in TradingStateRow.objects.filter(scope=StateScope.DESK, key=""):
            if row.reason.startswith(_PREFIX):
                row.delete()


_PREFIX = "not reconciled: "


def _show_halt(epoch: EpochFacts, now: datetime) -> None:
    with as_sync():
        # What staff set by hand is at least as strict as they wished; a halt replaces the rest.
        row = TradingStateRow.objects.filter(scope=StateScope.DESK, key="").first()
        if row is None:
            row = TradingStateRow(scope=StateScope.DESK, key="")
        if row.state == TradingState.HALTED:
            return
        row.state, row.changed_at = TradingState.HALTED, now
        row.reason = f"{_PREFIX}{epoch.halted_reason}"
        row.save()
