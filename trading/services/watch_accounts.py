"""Which venue accounts a node is asked to tell of: those on which something is under way."""

from django.db.models import Q

from chain.websocket import Kind, Watch
from core.roles import as_sync
from trading.enums import ORDER_LIVE, PositionStatus
from trading.models import VenueAccount, VenueTransfer
from trading.venues.base import Venue, open_venues


def watch_accounts(limit: int) -> list[Watch]:
    """Accounts with orders that rest, positions that are held or money that moves; newest first.

    The rest is seen by the pass over all accounts, as these are too.
    """
    watches: list[Watch] = []
    for venue in open_venues():
        if not venue.settles_on_chain:
            continue
        with as_sync():
            rows = VenueAccount.objects.filter(_under_way(venue), deployment=venue.deployment)
            found = list(rows.order_by("-id").values_list("id", "address")[: limit - len(watches)])
        watches += [Watch(Kind.ACCOUNT, address, "confirmed", key) for key, address in found]
    return watches


def _under_way(venue: Venue) -> Q:
    here = {"deployment": venue.deployment}
    orders = venue.order_model._default_manager.filter(**here, status__in=ORDER_LIVE)
    held = venue.position_model._default_manager.filter(**here, status=PositionStatus.OPEN)
    moving = VenueTransfer.objects.exclude(status__in=["completed", "failed", "not_executed"])
    return (
        Q(wanted_at__isnull=False)
        | Q(pk__in=moving.values("account_id"))
        | Q(wallet_id__in=orders.values("wallet_id"))
        | Q(wallet_id__in=held.values("wallet_id"))
    )
