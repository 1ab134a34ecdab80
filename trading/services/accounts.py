"""A wallet's account at a venue, locked: before any order, change or transfer of it."""

import uuid

from django.db.models import QuerySet

from trading.models import VenueAccount
from trading.venues.base import Venue
from wallets.facts import WalletFacts


def open_account(*, wallet: WalletFacts, venue: Venue) -> VenueAccount:
    """The wallet's account, locked until the commit; its row is made if it is missing."""
    held = _locked(wallet.id, venue.deployment).first()
    if held is not None:
        return held
    address = venue.account_address(wallet.address)
    VenueAccount.objects.bulk_create(
        [VenueAccount(wallet_id=wallet.id, deployment=venue.deployment, address=address)],
        ignore_conflicts=True,
    )
    return lock_account(wallet_id=wallet.id, deployment=venue.deployment)


def lock_account(*, wallet_id: uuid.UUID, deployment: str) -> VenueAccount:
    """The account's row, before any order or transfer of it: all who book take it first."""
    return _locked(wallet_id, deployment).get()


def _locked(wallet_id: uuid.UUID, deployment: str) -> QuerySet[VenueAccount]:
    return VenueAccount.objects.select_for_update().filter(
        wallet_id=wallet_id, deployment=deployment, sub_account_id=0
    )
