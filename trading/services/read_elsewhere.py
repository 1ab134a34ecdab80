"""What a person holds at venues that are only read, as last seen."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from core.errors import NotFound, Unavailable
from core.money import ZERO
from core.roles import as_user
from trading.booking.elsewhere import STEP, TICK
from trading.elsewhere.base import Holding, read_only_venue
from trading.enums import PositionStatus
from trading.facts import ElsewhereFacts, PositionFacts
from trading.models import Position, VenueAccount
from trading.services.read_positions import position_facts
from trading.services.sync_elsewhere import look_elsewhere
from wallets.services import find_wallet

# What is younger is as good as a new look: a person who taps again costs no request.
_FRESH = timedelta(seconds=10)


def read_elsewhere(*, user_id: uuid.UUID, deployment: str, now: datetime) -> ElsewhereFacts:
    """What is held there, looked at now where that can be, else as last seen and told so.

    Raises NotFound without a wallet, Refused for a venue that this desk does not show.
    """
    venue = read_only_venue(deployment)
    wallet = find_wallet(user_id=user_id)
    if wallet is None:
        raise NotFound("wallet.none")
    known = _known(user_id, [deployment])[0]
    if known.observed_at is not None and now - known.observed_at < _FRESH:
        return known
    try:
        was_read = look_elsewhere(wallet_id=wallet.id, deployment=venue.deployment, now=now)
    except Unavailable:
        was_read = False
    found = _known(user_id, [deployment])[0]
    is_new = found.observed_at is not None and found.observed_at >= now
    return found if was_read or is_new else replace(found, is_reachable=False)


def list_elsewhere(*, user_id: uuid.UUID) -> tuple[ElsewhereFacts, ...]:
    """Every such venue where something is held, as last seen; nothing is asked."""
    found = _known(user_id, list(settings.READ_ONLY_VENUES))
    return tuple(each for each in found if each.positions)


def read_live_elsewhere(*, wallet_address: str, deployment: str, now: datetime) -> ElsewhereFacts:
    """The same without the database. Raises Unavailable."""
    venue = read_only_venue(deployment)
    looks = venue.look([wallet_address], now=now)
    if not looks:
        raise Unavailable("venue.unreachable", venue=venue.display_name, reason="unreadable")
    return ElsewhereFacts(
        deployment=deployment,
        display_name=venue.display_name,
        source=looks[0].source,
        observed_at=now,
        positions=tuple(_live(venue.deployment, held, now) for held in looks[0].holdings),
        live=True,
    )


def _known(user_id: uuid.UUID, deployments: Sequence[str]) -> list[ElsewhereFacts]:
    here: dict[str, Any] = {"deployment__in": deployments}
    with as_user(user_id):
        accounts = {
            account.deployment: account
            for account in VenueAccount.objects.filter(wallet__user_id=user_id, **here)
        }
        rows = list(
            Position.objects.select_related("market")
            .filter(user_id=user_id, status=PositionStatus.OPEN, **here)
            .order_by("-opened_at")
        )
    found = []
    for deployment in deployments:
        account = accounts.get(deployment)
        found.append(
            ElsewhereFacts(
                deployment=deployment,
                display_name=read_only_venue(deployment).display_name,
                source=account.state.get("source", "") if account else "",
                observed_at=account.observed_at if account else None,
                positions=tuple(
                    position_facts(row) for row in rows if row.deployment == deployment
                ),
            )
        )
    return found


def _live(deployment: str, held: Holding, now: datetime) -> PositionFacts:
    return PositionFacts(
        id=None,
        deployment=deployment,
        market=f"{held.asset}-PERP",
        base_asset=held.asset,
        quote_asset="USD",
        side=held.side,
        size=held.size,
        peak_size=held.size,
        entry_price=held.entry_price,
        mark_price=held.mark_price,
        exit_price=None,
        unrealized_pnl=held.unrealized_pnl or ZERO,
        realized_pnl=held.realized_pnl or ZERO,
        fees=ZERO,
        funding=ZERO,
        margin=held.margin,
        leverage=held.leverage,
        liquidation_price=held.liquidation_price,
        status=PositionStatus.OPEN,
        tick_size=TICK,
        step_size=STEP,
        opened_at=held.opened_at,
        closed_at=None,
        updated_at=now,
        live=True,
    )
