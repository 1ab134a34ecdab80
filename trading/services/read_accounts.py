"""A person's money at a venue, from our books or, without them, from the chain."""

import uuid

from core.money import ZERO
from core.roles import as_user
from trading.enums import VenueAccountStatus
from trading.facts import AccountFacts, PositionFacts
from trading.models import VenueAccount
from trading.services.read_positions import live_position
from trading.venues.base import get_venue


def read_account(*, user_id: uuid.UUID, deployment: str) -> AccountFacts | None:
    """The person's account at a deployment as last observed; None before it was ever seen."""
    venue = get_venue(deployment)
    with as_user(user_id):
        account = VenueAccount.objects.filter(
            wallet__user_id=user_id, deployment=deployment, sub_account_id=0
        ).first()
    if account is None or account.observed_at is None:
        return None
    return AccountFacts(
        deployment=deployment,
        address=account.address,
        exists=account.status != VenueAccountStatus.ABSENT,
        quote_asset=venue.quote_symbol,
        collateral=account.collateral or ZERO,
        free_collateral=account.free_collateral or ZERO,
        health=account.health,
        observed_at=account.observed_at,
    )


def read_live_account(
    *, wallet_address: str, deployment: str
) -> tuple[AccountFacts, tuple[PositionFacts, ...]]:
    """Account and positions straight from the chain, needing no database. Raises Unavailable."""
    venue = get_venue(deployment)
    report = venue.read_accounts([venue.account_address(wallet_address)])[0]
    markets = {
        market.market_index: market
        for market in venue.read_markets()
        if market.market_type == "perpetual"
    }
    account = AccountFacts(
        deployment=deployment,
        address=report.address,
        exists=report.exists,
        quote_asset=venue.quote_symbol,
        collateral=report.collateral,
        free_collateral=report.free_collateral,
        health=report.health,
        observed_at=report.observed_at,
        live=True,
    )
    positions = tuple(
        live_position(
            venue=venue,
            state=state,
            market=markets[state.market_index],
            observed_at=report.observed_at,
        )
        for state in report.positions
        if state.size
    )
    return account, positions
