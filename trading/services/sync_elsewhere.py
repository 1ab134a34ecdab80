"""Look at what people hold at venues that are only read, and book it with its age."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Exists, F, OuterRef, Q, Subquery

from core.errors import Unavailable
from core.roles import as_sync
from trading.booking.elsewhere import book_look, markets_for
from trading.elsewhere.base import Look, ReadOnlyVenue, read_only_venue
from trading.enums import PositionStatus
from trading.models import Position, VenueAccount
from wallets.enums import ChainType, WalletStatus
from wallets.models import Wallet

log = structlog.get_logger(__name__)

# Who holds something there is looked at each minute, the others now and then.
_HELD = timedelta(seconds=55)
_OTHERS = timedelta(minutes=15)


def sync_elsewhere(*, deployment: str, now: datetime) -> dict[str, Any]:
    """One pass over the wallets that are due, no more of them than the venue can stand.

    A venue that does not answer ends the pass: what was known stays, with its age.
    """
    venue = read_only_venue(deployment)
    with as_sync():
        wallets = _due_wallets(venue, now)
    seen = 0
    for start in range(0, len(wallets), venue.batch):
        part = wallets[start : start + venue.batch]
        try:
            looks = venue.look([wallet.wallet_address for wallet in part], now=now)
        except Unavailable as error:
            log.warning("read_only_venue_waits", venue=deployment, reason=str(error))
            return {"wallets": len(wallets), "seen": seen, "unreachable": error.code}
        seen += _book(venue, part, looks)
    return {"wallets": len(wallets), "seen": seen}


def look_elsewhere(*, wallet_id: uuid.UUID, deployment: str, now: datetime) -> bool:
    """Look at one wallet now; whether it was read. Raises Unavailable."""
    venue = read_only_venue(deployment)
    with as_sync():
        wallets = list(Wallet.objects.filter(pk=wallet_id, chain_type=ChainType.SOLANA))
    looks = venue.look([wallet.wallet_address for wallet in wallets], now=now)
    return bool(_book(venue, wallets, looks))


def _due_wallets(venue: ReadOnlyVenue, now: datetime) -> list[Wallet]:
    account = VenueAccount.objects.filter(wallet=OuterRef("pk"), deployment=venue.deployment)
    held = Position.objects.filter(
        wallet=OuterRef("pk"), deployment=venue.deployment, status=PositionStatus.OPEN
    )
    rows = (
        Wallet.objects.filter(chain_type=ChainType.SOLANA, status=WalletStatus.ACTIVE)
        .annotate(seen_at=Subquery(account.values("observed_at")[:1]), holds=Exists(held))
        .filter(
            Q(seen_at__isnull=True)
            | Q(seen_at__lt=now - _HELD, holds=True)
            | Q(seen_at__lt=now - _OTHERS)
        )
    )
    # Who holds something is never kept waiting by many who do not.
    return list(
        rows.order_by("-holds", F("seen_at").asc(nulls_first=True), "pk")[: venue.pass_limit]
    )


def _book(venue: ReadOnlyVenue, wallets: Sequence[Wallet], looks: Sequence[Look]) -> int:
    """One transaction a batch; how many looks were booked."""
    of_address = {wallet.wallet_address: wallet for wallet in wallets}
    told = [(of_address[look.wallet_address], look) for look in looks]
    if not told:
        return 0
    here: dict[str, Any] = {
        "wallet_id__in": [wallet.pk for wallet, _ in told],
        "deployment": venue.deployment,
    }
    with as_sync():
        markets = markets_for(venue=venue, looks=looks)
        VenueAccount.objects.bulk_create(
            [
                VenueAccount(
                    wallet_id=wallet.pk, deployment=venue.deployment, address=wallet.wallet_address
                )
                for wallet, _ in told
            ],
            ignore_conflicts=True,
        )
        # In one order for all, so that two passes never wait for each other.
        accounts = {
            account.wallet_id: account
            for account in VenueAccount.objects.select_for_update()
            .filter(**here, sub_account_id=0)
            .order_by("pk")
        }
        rows: dict[uuid.UUID, list[Position]] = {}
        for row in Position.objects.select_for_update().filter(**here, status=PositionStatus.OPEN):
            rows.setdefault(row.wallet_id, []).append(row)
        return sum(
            book_look(
                venue=venue,
                account=accounts[wallet.pk],
                wallet=wallet,
                look=look,
                rows=rows.get(wallet.pk, []),
                markets=markets,
            )
            for wallet, look in told
        )
