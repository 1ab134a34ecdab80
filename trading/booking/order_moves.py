"""Orders that move under a booking, and the ends of their intents: written together."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.services import IntentEnd, end_intents
from audit.services import record
from core.bulk import write_rows
from core.errors import Conflict
from trading.enums import ORDER_MOVES, OrderStatus


class OrderMoves:
    """Moves of orders whose rows the booking has locked, so that their objects are the truth.

    The log gets each move by itself; the table gets what is left of them in the end.
    """

    def __init__(self) -> None:
        self._rows: dict[uuid.UUID, Any] = {}
        self._names: set[str] = set()
        self._ends: list[IntentEnd] = []

    def advance(self, order: Any, *, to: OrderStatus, **changes: Any) -> bool:
        """As `audit.services.advance`, along the ORDER_MOVES: False if it may not move there."""
        allowed = {state for state, targets in ORDER_MOVES.items() if to in targets}
        if not allowed:
            raise Conflict("state.no_such_move", to=to, field="status")
        if order.status not in allowed:
            return False
        self._set(order, str(to), {**changes, "status": to})
        return True

    def change(self, order: Any, changes: dict[str, Any]) -> None:
        """Columns that are not its state."""
        self._set(order, "changed", changes)

    def end_intent(self, *, intent_id: uuid.UUID, executed: bool, at: datetime) -> None:
        self._ends.append(IntentEnd(intent_id, executed, at))

    def write(self) -> None:
        """One UPDATE for all orders, and one for all intents."""
        rows, self._rows = list(self._rows.values()), {}
        names, self._names = sorted(self._names), set()
        ends, self._ends = self._ends, []
        write_rows(rows, names)
        end_intents(ends)

    def _set(self, order: Any, act: str, changes: dict[str, Any]) -> None:
        before = {name: getattr(order, name) for name in changes}
        for name, value in changes.items():
            setattr(order, name, value)
        order.updated_at = timezone.now()
        self._rows[order.pk] = order
        self._names |= changes.keys()
        record(
            action=f"{order._meta.model_name}.{act}",
            resource=order,
            old=before,
            new=changes,
            user_id=order.user_id,
        )
