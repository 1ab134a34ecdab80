"""What can leave each venue account of a person now, and what bounds it."""

import uuid

from core.money import ZERO
from core.roles import as_user
from trading.enums import VenueAccountStatus
from trading.models import VenueAccount
from trading.venues.base import VenueCapability, Withdrawable, open_venues
from wallets.services import access_wallet


def read_withdrawables(*, user_id: uuid.UUID) -> tuple[tuple[str, Withdrawable], ...]:
    """(deployment, what can leave) of each quote token at a venue, and of what else is deposited.

    Raises NotFound, Unavailable.
    """
    wallet = access_wallet(user_id=user_id)
    with as_user(user_id):
        there = set(
            VenueAccount.objects.filter(wallet_id=wallet.id)
            .exclude(status=VenueAccountStatus.ABSENT)
            .values_list("deployment", flat=True)
        )
    return tuple(
        (venue.deployment, found)
        for venue in open_venues()
        if venue.deployment in there and VenueCapability.WITHDRAW in venue.capabilities
        for token in venue.collateral_symbols
        for found in [venue.withdrawable(wallet_address=wallet.address, token_symbol=token)]
        if token == venue.quote_symbol or found.deposited > ZERO
    )
