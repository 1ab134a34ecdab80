"""What can leave each venue account of a person now, and what bounds it."""

import uuid

from core.roles import as_user
from trading.enums import VenueAccountStatus
from trading.models import VenueAccount
from trading.venues.base import VenueCapability, Withdrawable, open_venues
from wallets.services import access_wallet


def read_withdrawables(*, user_id: uuid.UUID) -> tuple[tuple[str, Withdrawable], ...]:
    """(deployment, what can leave) of each quote token at a venue. Raises NotFound, Unavailable."""
    wallet = access_wallet(user_id=user_id)
    with as_user(user_id):
        there = set(
            VenueAccount.objects.filter(wallet_id=wallet.id)
            .exclude(status=VenueAccountStatus.ABSENT)
            .values_list("deployment", flat=True)
        )
    return tuple(
        (
            venue.deployment,
            venue.withdrawable(wallet_address=wallet.address, token_symbol=venue.quote_symbol),
        )
        for venue in open_venues()
        if venue.deployment in there and VenueCapability.WITHDRAW in venue.capabilities
    )
