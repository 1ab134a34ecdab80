"""Bring our books in line with a venue account: evidence in, status out, any number of times."""

import uuid
from datetime import datetime

from core.roles import as_sync
from trading.booking.told import Told
from trading.models import VenueAccount
from trading.services.book_account import book_accounts, markets_of
from trading.services.find_taken_back import find_taken_back, read_young
from trading.venues.base import get_venue


def reconcile_account(
    *, account_id: uuid.UUID, now: datetime, from_the_start: bool = False
) -> None:
    """Read the account and its transactions since the last time, then book all of it at once.

    `from_the_start` reads every transaction that the nodes still have. No transaction is open
    while nodes are asked. Idempotent by contract: an answer older than what is booked changes
    nothing. Raises Unavailable.
    """
    with as_sync():
        account = VenueAccount.objects.select_related("wallet").get(pk=account_id)
        venue = get_venue(account.deployment)
        young = read_young(venue=venue, accounts=[(account.pk, account.address)])
    report = venue.read_accounts([account.address])[0]
    # The stored cursor stays as it is: another worker may be reading by it at this moment.
    after = "" if from_the_start else account.scanned_signature
    history = venue.read_history(account.address, after=after, min_slot=report.slot)
    dropped = find_taken_back(young=young.get(account.pk, {}), history=history)
    with as_sync():
        locked = VenueAccount.objects.select_for_update().get(pk=account_id)
        told = Told(locked, account.wallet, report, history, dropped)
        book_accounts(venue=venue, told=[told], markets=markets_of(venue), now=now)
