"""What a person's account at a venue was worth over time, from the books."""

import uuid
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from core.money import ZERO
from core.roles import as_user
from trading.enums import EntryKind, PositionStatus
from trading.facts import EquityFacts, EquityPoint
from trading.models import AccountEntry, Fill
from trading.venues.base import get_venue

_PUT_IN = (EntryKind.DEPOSIT, EntryKind.WITHDRAWAL)
# It only moves what was realised before from the position into the token.
_MOVES_NOTHING = (EntryKind.SETTLEMENT,)


def read_equity(*, user_id: uuid.UUID, deployment: str, now: datetime) -> EquityFacts:
    """Equity after each movement: what was put in, and what was realised; last of all, now.

    In the venue's quote token; movements of other tokens are left out. Every earlier point is
    realised alone, the last one counts what is not realised yet.
    """
    venue = get_venue(deployment)
    mine = {"user_id": user_id, "deployment": deployment}
    with as_user(user_id):
        entries = list(
            AccountEntry.objects.filter(**mine, token_symbol=venue.quote_symbol)
            .exclude(kind__in=_MOVES_NOTHING)
            .values_list("occurred_at", "kind", "amount")
        )
        fills = list(Fill.objects.filter(**mine).values_list("filled_at", "realized_pnl"))
        unrealised: Decimal = (
            venue.position_model._default_manager.filter(
                **mine, status=PositionStatus.OPEN
            ).aggregate(sum=Sum("unrealized_pnl"))["sum"]
            or ZERO
        )
    moves = [(at, amount, kind in _PUT_IN) for at, kind, amount in entries]
    moves += [(at, gain, False) for at, gain in fills]
    put_in = realised = ZERO
    points: list[EquityPoint] = []
    for at, amount, is_put_in in sorted(moves):
        if is_put_in:
            put_in += amount
        else:
            realised += amount
        if points and points[-1].at == at:
            points.pop()
        points.append(EquityPoint(at=at, net_deposits=put_in, equity=put_in + realised))
    if points:
        points.append(
            EquityPoint(at=now, net_deposits=put_in, equity=put_in + realised + unrealised)
        )
    return EquityFacts(deployment=deployment, points=tuple(points))
