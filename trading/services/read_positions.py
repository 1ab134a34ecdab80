"""A person's positions with their PnL at the last price."""

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings

from core.money import ZERO
from core.roles import as_user
from trading.enums import PositionStatus
from trading.facts import PositionFacts
from trading.venues.base import Venue, open_venues
from trading.venues.reports import MarketReport, PositionState


def list_positions(
    *, user_id: uuid.UUID, open_only: bool = True, limit: int = 20
) -> tuple[PositionFacts, ...]:
    """Positions over every deployment: open ones by their opening, closed ones by their end."""
    models = dict.fromkeys(venue.position_model for venue in open_venues())
    found: list[Any] = []
    with as_user(user_id):
        for model in models:
            rows = model._default_manager.select_related("market").filter(
                user_id=user_id, deployment__in=list(settings.VENUES)
            )
            if open_only:
                rows = rows.filter(status=PositionStatus.OPEN)
            found += rows.order_by("-opened_at")[:limit]
    found.sort(key=lambda position: position.opened_at, reverse=True)
    return tuple(position_facts(position) for position in found[:limit])


def position_facts(position: Any) -> PositionFacts:
    market = position.market
    return PositionFacts(
        id=position.id,
        deployment=position.deployment,
        market=market.symbol,
        base_asset=market.base_asset,
        quote_asset=market.quote_asset,
        side=position.side,
        size=position.size,
        peak_size=position.peak_size,
        entry_price=position.entry_price,
        mark_price=position.mark_price,
        exit_price=position.exit_price,
        unrealized_pnl=position.unrealized_pnl,
        realized_pnl=position.realized_pnl,
        fees=position.fees,
        funding=position.funding,
        margin=position.margin,
        leverage=position.leverage,
        liquidation_price=position.liquidation_price,
        status=position.status,
        tick_size=market.tick_size,
        step_size=market.step_size,
        opened_at=position.opened_at,
        closed_at=position.closed_at,
        updated_at=position.updated_at,
    )


def live_position(
    *, venue: Venue, state: PositionState, market: MarketReport, observed_at: Any
) -> PositionFacts:
    """A position as the chain shows it, without our books: no history, no realised PnL."""
    return PositionFacts(
        id=None,
        deployment=venue.deployment,
        market=market.symbol,
        base_asset=market.base_asset,
        quote_asset=market.quote_asset,
        side=state.side,
        size=state.size,
        peak_size=state.size,
        entry_price=state.entry_price,
        mark_price=state.mark_price,
        exit_price=None,
        unrealized_pnl=state.unrealized_pnl,
        realized_pnl=ZERO,
        fees=ZERO,
        funding=Decimal(0),
        margin=state.margin,
        leverage=state.leverage,
        liquidation_price=state.liquidation_price,
        status=PositionStatus.OPEN,
        tick_size=market.tick_size,
        step_size=market.step_size,
        opened_at=None,
        closed_at=None,
        updated_at=observed_at,
        live=True,
    )
